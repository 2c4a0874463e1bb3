(data_type name: (name) @name) @definition.type
(newtype name: (name) @name) @definition.type
(type_synomym name: (name) @name) @definition.type
(data_constructor constructor: (prefix name: (constructor) @name)) @definition.constant
(data_constructor constructor: (record name: (constructor) @name)) @definition.constant
(field name: (field_name (variable) @name)) @definition.field
(class name: (name) @name) @definition.interface
(class_declarations (signature name: (variable) @name)) @definition.method
(instance name: (name) @name) @scope
(declarations (function name: (variable) @name) @definition.function)
(declarations (bind name: (variable) @name) @definition.function)
(instance_declarations (function name: (variable) @name) @definition.method)
(instance_declarations (bind name: (variable) @name) @definition.method)

;; uses
(apply function: (variable) @reference)
(apply function: (qualified id: (variable) @reference))
(apply function: (constructor) @reference)
(infix left_operand: (variable) @reference)
(infix right_operand: (variable) @reference)
(name) @reference
(import_name (variable) @reference)

(import module: (module) @import)

(comment) @lead
(haddock) @lead
(signature) @lead
