(class_definition name: (_) @name) @definition.class
(object_definition name: (_) @name) @definition.class
(trait_definition name: (_) @name) @definition.trait
(enum_definition name: (_) @name) @definition.enum
(simple_enum_case name: (_) @name) @definition.constant
(full_enum_case name: (_) @name) @definition.constant
(function_definition name: (_) @name) @definition.function
(function_declaration name: (_) @name) @definition.function
(type_definition name: (_) @name) @definition.type
(given_definition name: (_) @name) @definition.variable
(template_body (_ pattern: (identifier) @name) @definition.field)
(template_body (val_declaration name: (identifier) @name) @definition.field)
(compilation_unit (_ pattern: (identifier) @name) @definition.variable)

;; uses
(call_expression function: [
  (identifier) @reference
  (_ field: (identifier) @reference)
  (_ function: [(identifier) @reference (_ field: (identifier) @reference)])
])
(type_identifier) @reference
(import_declaration (namespace_selectors (identifier) @reference))

(import_declaration) @import

(comment) @lead
(block_comment) @lead
