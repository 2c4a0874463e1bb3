(create_table (_ name: (identifier) @name)) @definition.table
(create_view (_ name: (identifier) @name)) @definition.table
(create_materialized_view (_ name: (identifier) @name)) @definition.table
(create_function (_ name: (identifier) @name) . (function_arguments)) @definition.function
(create_trigger . (_) (keyword_trigger) . (_ name: (identifier) @name)) @definition.function
(create_type (_ name: (identifier) @name)) @definition.type
(create_index column: (identifier) @name) @definition.key
(create_sequence (_ name: (identifier) @name)) @definition.variable
(create_schema (identifier) @name) @definition.module
(column_definition name: (identifier) @name) @definition.field

;; uses
(relation (_ name: (identifier) @reference))
(invocation (_ name: (identifier) @reference))
(insert (_ name: (identifier) @reference))
(alter_table (_ name: (identifier) @reference))
(create_index (_ name: (identifier) @reference))
(column_definition (_ name: (identifier) @reference))

(comment) @lead
(marginalia) @lead
