(call
  target: (identifier) @_define .
  (_ . (alias) @name)
  (do_block)
  (#word-in? @_define "defmodule")) @definition.module
(call
  target: (identifier) @_define .
  (_ . (alias) @name)
  (do_block)
  (#word-in? @_define "defprotocol")) @definition.interface
(call
  target: (identifier) @_define .
  (_ . (alias) @name)
  (#word-in? @_define "defimpl")) @scope
(call
  target: (identifier) @_define .
  (_ . [
    (identifier) @name
    (_ target: (identifier) @name)
    (_ left: (_ target: (identifier) @name) operator: "when")
    (_ left: (identifier) @name operator: "when")
  ])
  (#word-in? @_define "def" "defp" "defdelegate" "defguard" "defguardp" "defn" "defnp")) @definition.function
(call
  target: (identifier) @_define .
  (_ . [
    (identifier) @name
    (_ target: (identifier) @name)
    (_ left: (_ target: (identifier) @name) operator: "when")
  ])
  (#word-in? @_define "defmacro" "defmacrop")) @definition.macro
(unary_operator operand: (_
  target: (identifier) @_attribute .
  (_ . (_ left: [(identifier) @name (_ target: (identifier) @name)]))
  (#word-in? @_attribute "type" "typep" "opaque"))) @definition.type
(unary_operator operand: (_
  target: (identifier) @_attribute .
  (_ . (_ left: [(_ target: (identifier) @name) (_ left: (_ target: (identifier) @name))]))
  (#word-in? @_attribute "callback" "macrocallback"))) @definition.declaration

;; uses
(call
  target: (identifier) @reference
  (#not-word-in? @reference "def" "defp" "defmodule" "defmacro" "defmacrop" "defprotocol" "defimpl" "defstruct"
    "defdelegate" "defguard" "alias" "import" "require" "use" "quote" "unquote" "doc" "moduledoc" "spec" "type" "typep"))
(call target: (dot right: (identifier) @reference))
(struct (alias) @reference)
(dot left: (alias) @reference)

(call
  target: (identifier) @_import .
  (_ . (alias) @import)
  (#word-in? @_import "import" "alias" "use" "require"))

(comment) @lead
(unary_operator
  operand: (_ target: (identifier) @_attribute)
  (#word-in? @_attribute "doc" "spec" "impl" "deprecated" "since")) @lead
