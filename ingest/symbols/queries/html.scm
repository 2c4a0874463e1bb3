(element
  (start_tag (tag_name) @_tag)
  . (text) @name
  (#word-in? @_tag "h1" "h2" "h3" "h4" "h5" "h6" "title")) @definition.section
(element
  (start_tag (attribute (attribute_name) @_attribute (quoted_attribute_value (attribute_value) @name)))
  (#word-in? @_attribute "id")) @definition.key

;; uses
(script_element
  (start_tag (attribute (attribute_name) @_attribute (quoted_attribute_value (attribute_value) @import)))
  (#word-in? @_attribute "src"))
(element
  (start_tag
    (tag_name) @_tag
    (attribute (attribute_name) @_attribute (quoted_attribute_value (attribute_value) @import)))
  (#word-in? @_tag "link")
  (#word-in? @_attribute "href"))

(comment) @lead
