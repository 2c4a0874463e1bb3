(function_definition name: (word) @name) @definition.function
(program (variable_assignment name: (variable_name) @name) @definition.variable)
(program (declaration_command (variable_assignment name: (variable_name) @name)) @definition.variable)

;; uses
(command name: (command_name (word) @reference))

(command
  name: (command_name (word) @_source)
  . argument: [(word) (string) (raw_string) (concatenation)] @import
  (#word-in? @_source "source" "."))

(comment) @lead
