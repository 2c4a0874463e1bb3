(export_statement declaration: (class_declaration name: (_) @name)) @definition.class
(export_statement declaration: (function_declaration name: (_) @name)) @definition.function
(export_statement declaration: (generator_function_declaration name: (_) @name)) @definition.function
(class_declaration name: (_) @name) @definition.class
(class name: (_) @name) @definition.class
(function_declaration name: (_) @name) @definition.function
(generator_function_declaration name: (_) @name) @definition.function
(method_definition name: (_) @name) @definition.method

; const f = () => {}, exported or not
(export_statement declaration: (lexical_declaration . (variable_declarator
  name: (identifier) @name
  value: [(arrow_function) (function_expression) (generator_function)]) .)) @definition.function
(lexical_declaration . (variable_declarator
  name: (identifier) @name
  value: [(arrow_function) (function_expression) (generator_function)]) .) @definition.function
(variable_declarator
  name: (identifier) @name
  value: [(arrow_function) (function_expression) (generator_function)]) @definition.function
(variable_declarator name: (identifier) @name value: (class)) @definition.class

(program (lexical_declaration (variable_declarator name: (identifier) @name)) @definition.constant)
(program (export_statement declaration: (lexical_declaration (variable_declarator name: (identifier) @name))) @definition.constant)
(program (variable_declaration (variable_declarator name: (identifier) @name)) @definition.variable)
(program (export_statement declaration: (variable_declaration (variable_declarator name: (identifier) @name))) @definition.variable)

(assignment_expression
  left: [(identifier) @name (_ property: (property_identifier) @name)]
  right: [(arrow_function) (function_expression) (generator_function)]) @definition.function
(pair
  key: (property_identifier) @name
  value: [(arrow_function) (function_expression) (generator_function)]) @definition.method
(field_definition
  property: [(property_identifier) (private_property_identifier)] @name
  value: [(arrow_function) (function_expression)]) @definition.method
(field_definition property: [(property_identifier) (private_property_identifier)] @name) @definition.field

;; uses
(call_expression function: [(identifier) @reference (_ property: (property_identifier) @reference)])
(new_expression constructor: [(identifier) @reference (_ property: (property_identifier) @reference)])
(class_heritage (identifier) @reference)
(class_heritage (_ property: (property_identifier) @reference))
(jsx_opening_element name: (identifier) @reference)
(jsx_self_closing_element name: (identifier) @reference)
(import_specifier name: (identifier) @reference)
(export_specifier name: (identifier) @reference)

(import_statement source: (_ (string_fragment) @import))
(export_statement source: (_ (string_fragment) @import))
(call_expression
  function: (identifier) @_require
  arguments: (_ . (_ (string_fragment) @import) .)
  (#word-in? @_require "require"))
(call_expression function: (import) arguments: (_ . (_ (string_fragment) @import)))

(comment) @lead
(decorator) @lead
