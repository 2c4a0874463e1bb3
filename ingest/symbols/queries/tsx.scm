; Added to the patterns of typescript.scm.

;; uses
(jsx_opening_element name: (identifier) @reference)
(jsx_self_closing_element name: (identifier) @reference)
