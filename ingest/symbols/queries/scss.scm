; Added to the patterns of css.scm.
(mixin_statement name: (_) @name) @definition.function
(function_statement name: (_) @name) @definition.function
(stylesheet (declaration (property_name) @name) @definition.variable)

;; uses
(include_statement (identifier) @reference)
(call_expression (function_name) @reference)
(use_statement (string_value) @import)
(forward_statement (string_value) @import)
