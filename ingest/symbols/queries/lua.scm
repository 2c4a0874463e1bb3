(function_declaration name: (_) @name) @definition.function
(variable_declaration (assignment_statement
  (variable_list . name: (identifier) @name .) (expression_list . value: (function_definition) .))) @definition.function
(assignment_statement
  (variable_list . name: (_) @name .) (expression_list . value: (function_definition) .)) @definition.function
(field name: (identifier) @name value: (function_definition)) @definition.method
(chunk (variable_declaration (assignment_statement (variable_list name: (identifier) @name))) @definition.variable)
(chunk (assignment_statement (variable_list name: (_) @name)) @definition.variable)

;; uses
(function_call name: (identifier) @reference)
(function_call name: (dot_index_expression field: (identifier) @reference))
(function_call name: (method_index_expression method: (identifier) @reference))

(function_call
  name: (identifier) @_require
  arguments: (arguments . (string content: (string_content) @import))
  (#word-in? @_require "require" "dofile" "loadfile"))

(comment) @lead
