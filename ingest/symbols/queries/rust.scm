(impl_item type: [
  (type_identifier) @name
  (generic_type type: (type_identifier) @name)
  (scoped_type_identifier name: (type_identifier) @name)
  (generic_type type: (scoped_type_identifier name: (type_identifier) @name))
  (reference_type type: (type_identifier) @name)
]) @scope
(function_item name: (identifier) @name) @definition.function
(function_signature_item name: (identifier) @name) @definition.function
(struct_item name: (type_identifier) @name) @definition.struct
(union_item name: (type_identifier) @name) @definition.struct
(enum_item name: (type_identifier) @name) @definition.enum
(enum_variant name: (identifier) @name) @definition.constant
(trait_item name: (type_identifier) @name) @definition.trait
(mod_item name: (identifier) @name body: (_)) @definition.module
(macro_definition name: (identifier) @name) @definition.macro
(const_item name: (identifier) @name) @definition.constant
(static_item name: (identifier) @name) @definition.variable
(type_item name: (type_identifier) @name) @definition.type
(associated_type name: (type_identifier) @name) @definition.type
(field_declaration name: (field_identifier) @name) @definition.field

;; uses
(call_expression function: [
  (identifier) @reference
  (field_expression field: (field_identifier) @reference)
  (scoped_identifier name: (identifier) @reference)
  (generic_function function: (identifier) @reference)
  (generic_function function: (scoped_identifier name: (identifier) @reference))
  (generic_function function: (field_expression field: (field_identifier) @reference))
])
(macro_invocation macro: (identifier) @reference)
(macro_invocation macro: (scoped_identifier name: (identifier) @reference))
(type_identifier) @reference
(use_declaration argument: (scoped_identifier name: (identifier) @reference))
(use_list (identifier) @reference)
(scoped_use_list list: (use_list (scoped_identifier name: (identifier) @reference)))

(use_declaration argument: (_) @import)
(extern_crate_declaration name: (identifier) @import)
(mod_item name: (identifier) @import !body)

(line_comment) @lead
(block_comment) @lead
(attribute_item) @lead
