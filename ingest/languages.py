"""Names the language of a file from its path and first line. Reads no bytes and knows nothing of grammars.

The names are those of tree-sitter-language-pack where it has the grammar. A path alone gives the name that the index
keys on; the reader may refine it once the text is there (a shebang, a C++ header called `.h`, a notebook's kernel).
"""

import re

__all__ = ["NOTEBOOK", "PROSE", "interpreter_language", "language_of"]

NOTEBOOK = "notebook"
"""A Jupyter notebook: the one name that is a document format; its text is in the language of its kernel."""

PROSE = frozenset({"", "markdown", "rst", "latex", "org", "asciidoc", "text"})
"""Languages that people read as sentences, where a paragraph may be one long line. "" is a file of unknown kind."""

_BY_LANGUAGE = {
    "ada": "adb ads",
    "apex": "apex",
    "asciidoc": "adoc asciidoc asc",
    "asm": "s asm nasm",
    "astro": "astro",
    "bash": "sh bash zsh ksh bats ebuild eclass command",
    "batch": "bat cmd",
    "bibtex": "bib",
    "bicep": "bicep",
    "c": "c h idc",
    "capnp": "capnp",
    "clojure": "clj cljs cljc edn bb",
    "cmake": "cmake",
    "cobol": "cob cbl cpy",
    "commonlisp": "lisp lsp cl asd",
    "cpp": "cc cpp cxx c++ hh hpp hxx h++ ipp inl tpp tcc ixx cppm mm ino",
    "csharp": "cs csx cake",
    "css": "css",
    "csv": "csv",
    "cuda": "cu cuh",
    "d": "d di",
    "dart": "dart",
    "dockerfile": "dockerfile containerfile",
    "elisp": "el",
    "elixir": "ex exs",
    "elm": "elm",
    "embeddedtemplate": "erb ejs eex leex",
    "erlang": "erl hrl escript",
    "fish": "fish",
    "fortran": "f f77 f90 f95 f03 f08 for ftn",
    "fsharp": "fs fsx",
    "fsharp_signature": "fsi",
    "gdscript": "gd",
    "gleam": "gleam",
    "glsl": "glsl vert frag geom tesc tese comp",
    "gn": "gn gni",
    "go": "go",
    "graphql": "graphql gql graphqls",
    "groovy": "groovy gradle gvy",
    "hack": "hack hck",
    "hare": "ha",
    "haskell": "hs hsc",
    "haxe": "hx",
    "hcl": "hcl nomad",
    "heex": "heex",
    "hlsl": "hlsl fx",
    "html": "html htm xhtml jinja jinja2 j2 hbs handlebars mustache",
    "ini": "ini cfg conf editorconfig desktop service",
    "java": "java",
    "javascript": "js mjs cjs jsx es6",
    "json": "json jsonc json5 geojson webmanifest jsonl ndjson topojson har avsc",
    "jsonnet": "jsonnet libsonnet",
    "julia": "jl",
    "kdl": "kdl",
    "kotlin": "kt kts",
    "latex": "tex sty cls ltx dtx",
    "less": "less",
    "linkerscript": "ld lds",
    "llvm": "ll",
    "lua": "lua rockspec",
    "luau": "luau",
    "make": "mk mak make",
    "markdown": "md markdown mdx mdown mkd mkdn qmd rmd",
    "meson": "meson",
    "nim": "nim nims nimble",
    "ninja": "ninja",
    "nix": "nix",
    NOTEBOOK: "ipynb",
    "objc": "m",
    "ocaml": "ml",
    "ocaml_interface": "mli",
    "odin": "odin",
    "org": "org",
    "pascal": "pas pp dpr lpr",
    "perl": "pl pm t",
    "php": "php phtml php3 php4 php5 phpt inc",
    "po": "po pot",
    "powershell": "ps1 psm1 psd1",
    "prisma": "prisma",
    "properties": "properties",
    "proto": "proto",
    "puppet": "epp",
    "purescript": "purs",
    "python": "py pyi pyw pyx pxd pxi bzl-py gyp gypi wsgi",
    "qmljs": "qml",
    "r": "r",
    "racket": "rkt",
    "rego": "rego",
    "ron": "ron",
    "rst": "rst rest",
    "ruby": "rb rake gemspec ru podspec rbi jbuilder builder thor rabl",
    "rust": "rs",
    "scala": "scala sc sbt",
    "scheme": "scm ss sld",
    "scss": "scss",
    "smithy": "smithy",
    "solidity": "sol",
    "sql": "sql ddl dml psql pgsql mysql",
    "starlark": "bzl star bazel",
    "svelte": "svelte",
    "swift": "swift swiftinterface",
    "tablegen": "td",
    "tcl": "tcl tk",
    "terraform": "tf tfvars",
    "text": "txt text log rdoc",
    "thrift": "thrift",
    "toml": "toml",
    "tsv": "tsv",
    "tsx": "tsx",
    "twig": "twig",
    "typescript": "ts mts cts",
    "typst": "typ",
    "v": "vsh",
    "verilog": "v vh sv svh",
    "vhdl": "vhd vhdl",
    "vim": "vim vimrc",
    "vue": "vue",
    "wat": "wat wast",
    "wgsl": "wgsl",
    "xml": "xml xsd xsl xslt svg plist csproj vbproj fsproj props targets resx wsdl rss atom storyboard xib",
    "yaml": "yaml yml cff clang-format",
    "zig": "zig zon",
}

_BY_NAME = {
    "bash": ".bashrc .bash_profile .bash_aliases .bash_logout .profile .zshrc .zshenv .zprofile pkgbuild apkbuild .env",
    "cmake": "cmakelists.txt",
    "dockerfile": "dockerfile containerfile",
    "gitattributes": ".gitattributes",
    "gitignore": ".gitignore .dockerignore .npmignore .eslintignore .prettierignore .repoaskignore .hgignore",
    "gomod": "go.mod go.work",
    "gosum": "go.sum go.work.sum",
    "groovy": "jenkinsfile",
    "ini": ".editorconfig .gitconfig .gitmodules .npmrc .pylintrc .flake8 .coveragerc .hgrc",
    "json": ".babelrc .eslintrc .prettierrc .jshintrc .swcrc composer.lock pipfile.lock .watchmanconfig",
    "kconfig": "kconfig",
    "make": "makefile gnumakefile bsdmakefile justfile",
    "meson": "meson.build meson_options.txt meson.options",
    "pymanifest": "manifest.in",
    "python": "sconstruct sconscript wscript .pythonrc",
    "requirements": "requirements.txt constraints.txt requirements-dev.txt dev-requirements.txt",
    "ruby": "rakefile gemfile guardfile capfile vagrantfile brewfile podfile fastfile berksfile .irbrc",
    "starlark": "build workspace tiltfile buck",
    "text": "readme license licence copying notice authors contributors changelog changes news todo install bugs",
    "toml": "pipfile cargo.lock poetry.lock uv.lock pdm.lock",
    "vim": ".vimrc _vimrc .gvimrc",
    "xml": ".classpath .project",
    "yaml": ".clang-format .clang-tidy .yamllint pubspec.lock codeowners.yml",
}

_BY_INTERPRETER = {
    "bash": "sh bash zsh ksh dash ash bats openrc-run",
    "elixir": "elixir",
    "erlang": "escript",
    "fish": "fish",
    "groovy": "groovy",
    "haskell": "runhaskell runghc stack",
    "javascript": "node nodejs bun gjs qjs",
    "julia": "julia",
    "lua": "lua luajit texlua",
    "make": "make gmake",
    "ocaml": "ocaml ocamlrun",
    "perl": "perl",
    "php": "php php-cgi",
    "powershell": "pwsh powershell",
    "python": "python pypy uv sage jython",
    "r": "rscript r",
    "racket": "racket",
    "ruby": "ruby jruby macruby rbx rake",
    "scala": "scala amm",
    "scheme": "guile scheme",
    "swift": "swift",
    "tcl": "tclsh wish expect",
    "typescript": "deno ts-node tsx",
}


def _invert(table: dict[str, str]) -> dict[str, str]:
    return {word: language for language, words in table.items() for word in words.split()}


_EXTENSIONS = _invert(_BY_LANGUAGE)
_NAMES = _invert(_BY_NAME)
_INTERPRETERS = _invert(_BY_INTERPRETER)

# `#!/usr/bin/env -S FOO=1 python3 -u`: env's own options and assignments stand before the interpreter.
_SHEBANG = re.compile(r"#!\s*(?:\S*/)?(?:env\s+(?:-\S+\s+|\w+=\S*\s+)*(?:\S*/)?)?([A-Za-z][\w+-]*)")
_EDITOR_MODE = re.compile(r"-\*-\s*(?:mode:\s*)?([\w+-]+)\s*(?:;.*)?-\*-", re.IGNORECASE)
_MARKUP = re.compile(r"\s*<(\?xml|!doctype html|html|\?php)\b", re.IGNORECASE)
_MARKUP_LANGUAGES = {"?xml": "xml", "!doctype html": "html", "html": "html", "?php": "php"}
_MODE_LANGUAGES = {"c++": "cpp", "shell-script": "bash", "emacs-lisp": "elisp", "makefile": "make", "js": "javascript"}


def language_of(path: str, first_line: str = "") -> str:
    """The language of a file, or "" where it is not known.

    Args:
        path: Only its last part is looked at; upper and lower case are alike, but for `.C` and `.H` (C++).
        first_line: Tells by a shebang, an editor's mode line or a markup's opening where the name tells nothing.
    """
    name = path.rsplit("/", 1)[-1]
    stem, dot, extension = name.rpartition(".")
    if dot and stem and extension in ("C", "H"):
        return "cpp"
    name = name.lower()
    found = _NAMES.get(name) or (_EXTENSIONS.get(extension.lower()) if dot and stem else None)
    if not found and stem:
        found = _templated(name)
    return found or interpreter_language(first_line)


def _templated(name: str) -> str:
    """`Dockerfile.dev` and `config.yml.example` are what they are named after."""
    first, *inner, last = name.split(".")
    if last in ("example", "sample", "template", "tmpl", "tpl", "dist", "in", "orig", "bak", "default", "tt") and inner:
        return _EXTENSIONS.get(inner[-1], "")
    return _NAMES.get(first, "") if first in ("dockerfile", "makefile", "jenkinsfile", "gemfile") else ""


def interpreter_language(first_line: str) -> str:
    """The language that a first line gives away, or ""."""
    if shebang := _SHEBANG.match(first_line):
        # python3.11 and ruby2 are python and ruby
        return _INTERPRETERS.get(shebang[1].lower().rstrip("0123456789."), "")
    if mode := _EDITOR_MODE.search(first_line):
        word = mode[1].lower()
        return _MODE_LANGUAGES.get(word) or (word if word in _BY_LANGUAGE else _EXTENSIONS.get(word, ""))
    if markup := _MARKUP.match(first_line):
        return _MARKUP_LANGUAGES[markup[1].lower()]
    return ""
