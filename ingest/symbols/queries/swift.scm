(class_declaration "struct" name: (type_identifier) @name) @definition.struct
(class_declaration "enum" name: (type_identifier) @name) @definition.enum
(class_declaration "extension" name: (user_type) @name) @scope
(class_declaration name: (type_identifier) @name) @definition.class
(protocol_declaration name: (type_identifier) @name) @definition.interface
(protocol_function_declaration name: (simple_identifier) @name) @definition.method
(protocol_property_declaration name: (_ (simple_identifier) @name)) @definition.field
(function_declaration name: (simple_identifier) @name) @definition.function
(init_declaration "init" @name) @definition.method
(typealias_declaration name: (type_identifier) @name) @definition.type
(enum_entry name: (simple_identifier) @name) @definition.constant
(class_body (_ name: (_ bound_identifier: (simple_identifier) @name)) @definition.field)
(source_file (_ name: (_ bound_identifier: (simple_identifier) @name)) @definition.variable)

;; uses
(_ . [(simple_identifier) @reference (_ suffix: (_ suffix: (simple_identifier) @reference))] . (call_suffix))
(user_type (type_identifier) @reference)

(import_declaration (identifier) @import)

(comment) @lead
(multiline_comment) @lead
