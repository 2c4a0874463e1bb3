(class_declaration "class" (type_identifier) @name) @definition.class
(class_declaration "interface" (type_identifier) @name) @definition.interface
(class_declaration (type_identifier) @name) @definition.class
(object_declaration (type_identifier) @name) @definition.class
(companion_object (type_identifier) @name) @definition.class
(enum_entry (simple_identifier) @name) @definition.constant
(function_declaration receiver: (_ (_ (type_identifier) @owner)) (simple_identifier) @name) @definition.function
(function_declaration (simple_identifier) @name) @definition.function
(type_alias (type_identifier) @name) @definition.type
(class_body (_ (variable_declaration (simple_identifier) @name)) @definition.field)
(source_file (_ (variable_declaration (simple_identifier) @name)) @definition.variable)
(class_parameter (binding_pattern_kind) (simple_identifier) @name) @definition.field

;; uses
(call_expression . (simple_identifier) @reference)
(call_expression . (_ (navigation_suffix (simple_identifier) @reference)))
(user_type (type_identifier) @reference)
(import_header (_ (simple_identifier) @reference .))

(import_header (identifier) @import)

; before a function the grammar takes `@Throws(...)` for an expression of its own
(source_file (prefix_expression . (annotation)) @lead)
(line_comment) @lead
(multiline_comment) @lead
