(section (title) @name) @definition.section

;; uses
(comment) @lead
(target) @lead
