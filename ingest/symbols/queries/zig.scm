(_ (FnProto function: (IDENTIFIER) @name)) @definition.function
(_ variable_type_function: (IDENTIFIER) @name (_ (_ (ContainerDecl (_ "enum"))))) @definition.enum
(_ variable_type_function: (IDENTIFIER) @name (_ (_ (ContainerDecl)))) @definition.struct
(source_file (_ (VarDecl variable_type_function: (IDENTIFIER) @name)) @definition.variable)
(ContainerDecl (_ (VarDecl variable_type_function: (IDENTIFIER) @name)) @definition.variable)
(ContainerField field_member: (IDENTIFIER) @name) @definition.field
(TestDecl (STRINGLITERALSINGLE) @name) @definition.function

;; uses
(_ variable_type_function: (IDENTIFIER) @reference . (FnCallArguments))
(FieldOrFnCall function_call: (IDENTIFIER) @reference)
(ParamType (_ (_ variable_type_function: (IDENTIFIER) @reference)))

(_
  (BUILTINIDENTIFIER) @_import
  . (_ (_ (_ (STRINGLITERALSINGLE) @import)))
  (#word-in? @_import "@import" "@cImport" "@embedFile"))

(line_comment) @lead
(doc_comment) @lead
