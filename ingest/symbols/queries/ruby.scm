(class name: (_) @name) @definition.class
(module name: (_) @name) @definition.module
(method name: (_) @name) @definition.function
(singleton_method name: (_) @name) @definition.function
(assignment left: (constant) @name) @definition.constant
(alias name: (_) @name) @definition.method
(body_statement (_
  method: (identifier) @_macro
  arguments: (_ . (simple_symbol) @name)
  (#word-in? @_macro "attr_accessor" "attr_reader" "attr_writer" "mattr_accessor" "cattr_accessor" "class_attribute"
    "scope" "define_method" "alias_method" "delegate" "has_many" "has_one" "belongs_to" "attribute" "enum")) @definition.field)

;; uses
(call method: (identifier) @reference)
(constant) @reference

(_
  method: (identifier) @_require
  arguments: (_ . (_ (string_content) @import))
  (#word-in? @_require "require" "require_relative" "load" "require_dependency" "gem"))

(comment) @lead
