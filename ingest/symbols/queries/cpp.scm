; A head may carry pointers and references around the function: three levels are enough for real code. What has
; `parameters` is a function.
(class_specifier name: [(type_identifier) (template_type) (qualified_identifier)] @name body: (_)) @definition.class
(struct_specifier name: [(type_identifier) (template_type) (qualified_identifier)] @name body: (_)) @definition.struct
(union_specifier name: (_) @name body: (_)) @definition.struct
(template_declaration (_ name: (_) @name body: (_))) @definition.class
(enum_specifier name: (_) @name body: (_)) @definition.enum
(enumerator name: (identifier) @name) @definition.constant
(namespace_definition name: (_) @name) @definition.module
(concept_definition name: (identifier) @name) @definition.type
(alias_declaration name: (type_identifier) @name) @definition.type
(type_definition declarator: (type_identifier) @name) @definition.type
(type_definition declarator: (_ declarator: (_ (_ declarator: (type_identifier) @name)) parameters: (_))) @definition.type

(function_definition declarator: [
  (_ declarator: [(identifier) (field_identifier) (qualified_identifier) (destructor_name) (operator_name)] @name parameters: (_))
  (_ declarator: (_ declarator: [(identifier) (field_identifier) (qualified_identifier)] @name parameters: (_)))
  (_ declarator: (_ declarator: (_ declarator: [(identifier) (field_identifier) (qualified_identifier)] @name parameters: (_))))
  (_ . (_ declarator: [(identifier) (field_identifier) (qualified_identifier) (operator_name)] @name parameters: (_)))
]) @definition.function
(template_declaration (_ declarator: [
  (_ declarator: [(identifier) (field_identifier) (qualified_identifier) (operator_name)] @name parameters: (_))
  (_ declarator: (_ declarator: [(identifier) (field_identifier) (qualified_identifier)] @name parameters: (_)))
  (_ . (_ declarator: [(identifier) (field_identifier) (qualified_identifier) (operator_name)] @name parameters: (_)))
] body: (_))) @definition.function

; what a header declares
(field_declaration declarator: [
  (_ declarator: [(field_identifier) (operator_name)] @name parameters: (_))
  (_ declarator: (_ declarator: (field_identifier) @name parameters: (_)))
  (_ . (_ declarator: [(field_identifier) (operator_name)] @name parameters: (_)))
]) @definition.declaration
(declaration declarator: [
  (_ declarator: [(identifier) (destructor_name) (qualified_identifier)] @name parameters: (_))
  (_ declarator: (_ declarator: (identifier) @name parameters: (_)))
  (_ . (_ declarator: (identifier) @name parameters: (_)))
]) @definition.declaration
(field_declaration declarator: [
  (field_identifier) @name
  (_ declarator: (field_identifier) @name)
  (_ . (field_identifier) @name)
]) @definition.field
(translation_unit (_ declarator: [
  (identifier) @name
  (_ declarator: (identifier) @name !parameters)
  (_ declarator: (_ declarator: (identifier) @name !parameters))
]) @definition.variable)
(namespace_definition body: (_ (_ declarator: [
  (identifier) @name
  (_ declarator: (identifier) @name !parameters)
  (_ declarator: (_ declarator: (identifier) @name !parameters))
]) @definition.variable))
(preproc_def name: (identifier) @name) @definition.macro
(preproc_function_def name: (identifier) @name) @definition.macro

;; uses
(call_expression function: [
  (identifier) @reference
  (_ field: [(field_identifier) @reference (_ name: (field_identifier) @reference)])
  (_ name: [(identifier) @reference (_ name: [(identifier) @reference (_ name: (identifier) @reference)])])
])
(type_identifier) @reference

(preproc_include path: (system_lib_string) @import)
(preproc_include path: (_ (string_content) @import))

(comment) @lead
