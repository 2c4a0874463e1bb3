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
(field_declaration (variable_declaration (variable_declarator name: (identifier) @name))) @definition.field
(event_field_declaration (variable_declaration (variable_declarator name: (identifier) @name))) @definition.field

;; uses
(invocation_expression function: [
  (identifier) @reference
  (generic_name (identifier) @reference)
  (member_access_expression name: (identifier) @reference)
  (member_access_expression name: (generic_name (identifier) @reference))
  (conditional_access_expression (member_binding_expression name: (identifier) @reference))
])
(object_creation_expression type: (identifier) @reference)
(object_creation_expression type: (generic_name (identifier) @reference))
(base_list (identifier) @reference)
(base_list (generic_name (identifier) @reference))
(parameter type: (identifier) @reference)
(parameter type: (generic_name (identifier) @reference))
(variable_declaration type: (identifier) @reference)
(variable_declaration type: (generic_name (identifier) @reference))
(method_declaration returns: (identifier) @reference)
(method_declaration returns: (generic_name (identifier) @reference))
(property_declaration type: (identifier) @reference)
(property_declaration type: (generic_name (identifier) @reference))
(type_argument_list (identifier) @reference)
(attribute name: (identifier) @reference)

(using_directive [(identifier) (qualified_name)] @import .)

(comment) @lead
