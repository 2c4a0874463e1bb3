(call
  target: (identifier) @_define
  (arguments . (alias) @name)
  (do_block)
  (#word-in? @_define "defmodule")) @definition.module
(call
  target: (identifier) @_define
  (arguments . (alias) @name)
  (do_block)
  (#word-in? @_define "defprotocol")) @definition.interface
(call
  target: (identifier) @_define
  (arguments . (alias) @name)
  (#word-in? @_define "defimpl")) @scope
(call
  target: (identifier) @_define
  (arguments . [
    (identifier) @name
    (call target: (identifier) @name)
    (binary_operator left: (call target: (identifier) @name) operator: "when")
    (binary_operator left: (identifier) @name operator: "when")
  ])
  (#word-in? @_define "def" "defp" "defdelegate" "defguard" "defguardp" "defn" "defnp")) @definition.function
(call
  target: (identifier) @_define
  (arguments . [
    (identifier) @name
    (call target: (identifier) @name)
    (binary_operator left: (call target: (identifier) @name) operator: "when")
  ])
  (#word-in? @_define "defmacro" "defmacrop")) @definition.macro
(unary_operator operand: (call
  target: (identifier) @_attribute
  (arguments . (binary_operator left: [(identifier) @name (call target: (identifier) @name)]))
  (#word-in? @_attribute "type" "typep" "opaque"))) @definition.type

;; uses
(call
  target: (identifier) @reference
  (#not-word-in? @reference "def" "defp" "defmodule" "defmacro" "defmacrop" "defprotocol" "defimpl" "defstruct"
    "defdelegate" "defguard" "alias" "import" "require" "use" "quote" "unquote" "doc" "moduledoc" "spec" "type" "typep"))
(call target: (dot right: (identifier) @reference))
(struct (alias) @reference)
(dot left: (alias) @reference)

(call
  target: (identifier) @_import
  (arguments . (alias) @import)
  (#word-in? @_import "import" "alias" "use" "require"))

(comment) @lead
(unary_operator
  operand: (call target: (identifier) @_attribute)
  (#word-in? @_attribute "doc" "spec" "impl" "deprecated" "since")) @lead
