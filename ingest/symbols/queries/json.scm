; Two levels: deeper keys are data, not structure.
(document (object (pair key: (string (string_content) @name)) @definition.key))
(document (object (pair value: (object (pair key: (string (string_content) @name)) @definition.key))))

;; uses
(comment) @lead
