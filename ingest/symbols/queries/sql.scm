(statement (create_table (object_reference name: (identifier) @name))) @definition.table
(statement (create_view (object_reference name: (identifier) @name))) @definition.table
(statement (create_materialized_view (object_reference name: (identifier) @name))) @definition.table
(statement (create_function . (_)* (object_reference name: (identifier) @name) . (function_arguments))) @definition.function
(statement (create_trigger . (_) (keyword_trigger) . (object_reference name: (identifier) @name))) @definition.function
(statement (create_type (object_reference name: (identifier) @name))) @definition.type
(statement (create_index column: (identifier) @name)) @definition.key
(statement (create_sequence (object_reference name: (identifier) @name))) @definition.variable
(statement (create_schema (identifier) @name)) @definition.module
(column_definition name: (identifier) @name) @definition.field

;; uses
(relation (object_reference name: (identifier) @reference))
(invocation (object_reference name: (identifier) @reference))
(insert (object_reference name: (identifier) @reference))
(alter_table (object_reference name: (identifier) @reference))
(create_index (object_reference name: (identifier) @reference))
(column_definition (object_reference name: (identifier) @reference))

(comment) @lead
(marginalia) @lead
