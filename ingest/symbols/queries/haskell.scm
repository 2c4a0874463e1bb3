(data_type name: (name) @name) @definition.type
(newtype name: (name) @name) @definition.type
(type_synomym name: (name) @name) @definition.type
(data_constructor constructor: (_ name: (constructor) @name)) @definition.constant
(data_constructor constructor: (_ name: (constructor) @name)) @definition.constant
(data_constructor constructor: (_ operator: (constructor_operator) @name)) @definition.constant
(gadt_constructor name: (constructor) @name) @definition.constant
(data_family name: (name) @name) @definition.type
(type_family name: (name) @name) @definition.type
(field name: (_ (variable) @name)) @definition.field
(class name: (name) @name) @definition.interface
(class_declarations (_ name: [(variable) @name (_ (operator) @name)] type: (_)) @definition.method)
(class_declarations (_ names: (_ name: (variable) @name)) @definition.method)
(instance name: (name) @name) @scope
(declarations [
  (function name: [(variable) @name (_ (operator) @name)])
  (function . (_ operator: (operator) @name))
  (bind name: (variable) @name)
] @definition.function)
(instance_declarations [(function name: (variable) @name) (bind name: (variable) @name)] @definition.method)

;; uses
(apply function: [(variable) @reference (constructor) @reference (_ id: (variable) @reference)])
(infix [left_operand: (variable) right_operand: (variable)] @reference)
(name) @reference
(import_name (variable) @reference)

(import module: (module) @import)

(comment) @lead
(haddock) @lead
(declarations (signature) @lead)
(instance_declarations (signature) @lead)
(local_binds (signature) @lead)
