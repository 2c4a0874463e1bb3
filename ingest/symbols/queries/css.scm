(rule_set (selectors) @name) @definition.rule
(keyframes_statement (keyframes_name) @name) @definition.rule

;; uses
(import_statement (string_value) @import)
(import_statement (call_expression (arguments (string_value) @import)))

(comment) @lead
