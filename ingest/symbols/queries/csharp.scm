(namespace_declaration name: (_) @name) @definition.module
(class_declaration name: (identifier) @name) @definition.class
(record_declaration name: (identifier) @name) @definition.class
(struct_declaration name: (identifier) @name) @definition.struct
(interface_declaration name: (identifier) @name) @definition.interface
(enum_declaration name: (identifier) @name) @definition.enum
(enum_member_declaration name: (identifier) @name) @definition.constant
(delegate_declaration name: (identifier) @name) @definition.type
(method_declaration name: (identifier) @name) @definition.method
(constructor_declaration name: (identifier) @name) @definition.method
(destructor_declaration name: (identifier) @name) @definition.method
(local_function_statement name: (identifier) @name) @definition.function
(property_declaration name: (identifier) @name) @definition.field
(event_declaration name: (identifier) @name) @definition.field
(field_declaration (_ (_ name: (identifier) @name))) @definition.field
(event_field_declaration (_ (_ name: (identifier) @name))) @definition.field

;; uses
(invocation_expression function: [
  (identifier) @reference
  (_ name: (identifier) @reference)
  (_ (_ name: (identifier) @reference))
])
(object_creation_expression type: (identifier) @reference)
(base_list (identifier) @reference)
(parameter type: (identifier) @reference)
(variable_declaration type: (identifier) @reference)
(method_declaration returns: (identifier) @reference)
(property_declaration type: (identifier) @reference)
(generic_name . (identifier) @reference)
(type_argument_list (identifier) @reference)
(attribute name: (identifier) @reference)

(using_directive [(identifier) (qualified_name)] @import .)

(comment) @lead
