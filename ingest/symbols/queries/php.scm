(class_declaration name: (name) @name) @definition.class
(interface_declaration name: (name) @name) @definition.interface
(trait_declaration name: (name) @name) @definition.trait
(enum_declaration name: (name) @name) @definition.enum
(enum_case name: (name) @name) @definition.constant
(namespace_definition name: (namespace_name) @name body: (_)) @definition.module
(method_declaration name: (name) @name) @definition.method
(function_definition name: (name) @name) @definition.function
(property_declaration (property_element name: (variable_name (name) @name))) @definition.field
(const_declaration (const_element (name) @name)) @definition.constant

;; uses
(function_call_expression function: (name) @reference)
(function_call_expression function: (qualified_name (name) @reference))
(member_call_expression name: (name) @reference)
(nullsafe_member_call_expression name: (name) @reference)
(scoped_call_expression scope: (name) @reference name: (name) @reference)
(object_creation_expression (name) @reference)
(object_creation_expression (qualified_name (name) @reference))
(base_clause (name) @reference)
(class_interface_clause (name) @reference)
(declaration_list (use_declaration (name) @reference))
(named_type (name) @reference)
(named_type (qualified_name (name) @reference))
(class_constant_access_expression . (name) @reference)
(attribute (name) @reference)
(namespace_use_clause (qualified_name (name) @reference))

(namespace_use_clause . [(qualified_name) (name)] @import)
(require_once_expression (string (string_content) @import))
(require_expression (string (string_content) @import))
(include_expression (string (string_content) @import))
(include_once_expression (string (string_content) @import))

(comment) @lead
