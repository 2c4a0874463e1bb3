import pytest
from repoask.ingest.languages import PROSE, language_of
from tree_sitter_language_pack import get_parser

NAMES = {
    "src/app.py": "python",
    "a/b.pyi": "python",
    "web/App.tsx": "tsx",
    "web/App.jsx": "javascript",
    "lib/x.mjs": "javascript",
    "lib/x.d.ts": "typescript",
    "main.go": "go",
    "src/lib.rs": "rust",
    "A.java": "java",
    "build.gradle.kts": "kotlin",
    "build.sbt": "scala",
    "x.c": "c",
    "x.h": "c",
    "x.hpp": "cpp",
    "X.C": "cpp",
    "X.CS": "csharp",
    "Rakefile": "ruby",
    "index.php": "php",
    "A.swift": "swift",
    "a.lua": "lua",
    "mix.exs": "elixir",
    "Main.hs": "haskell",
    "build.zig": "zig",
    "run.sh": "bash",
    "schema.sql": "sql",
    "README.md": "markdown",
    "docs/index.rst": "rst",
    "a.html": "html",
    "a.css": "css",
    "a.json": "json",
    "a.yml": "yaml",
    "Cargo.toml": "toml",
    "Cargo.lock": "toml",
    "Dockerfile.dev": "dockerfile",
    "docker/Dockerfile": "dockerfile",
    "CMakeLists.txt": "cmake",
    "Makefile": "make",
    "notes.txt": "text",
    "config.yml.example": "yaml",
    "channel.rb.tt": "ruby",
    "analysis.ipynb": "notebook",
    ".editorconfig": "ini",
    "LICENSE": "text",
    "MIT-LICENSE": "",
    "data.unknown": "",
    ".py": "",
    "py": "",
    "folder.py/file": "",
    "": "",
}

FIRST_LINES = {
    "#!/bin/sh": "bash",
    "#! /usr/bin/env python3": "python",
    "#!/usr/bin/env -S python3.11 -u": "python",
    "#!/usr/bin/env -S LANG=C perl -w": "perl",
    "#!/opt/local/bin/ruby2.7": "ruby",
    "#!/usr/bin/node --harmony": "javascript",
    "// -*- mode: c++; indent: 4 -*-": "cpp",
    "# -*- python -*-": "python",
    '<?xml version="1.0"?>': "xml",
    "<!DOCTYPE html>": "html",
    "<?php": "php",
    "#!/usr/bin/env nonsense": "",
    "# -*- coding: utf-8 -*-": "",
    "just words": "",
}


@pytest.mark.parametrize(("path", "language"), NAMES.items())
def test_a_path_names_its_language(path, language):
    assert language_of(path) == language


@pytest.mark.parametrize(("line", "language"), FIRST_LINES.items())
def test_a_first_line_tells_where_the_name_does_not(line, language):
    assert language_of("bin/tool", line) == language


def test_the_name_wins_over_the_first_line():
    assert language_of("tool.rb", "#!/bin/sh") == "ruby"


@pytest.mark.parametrize("language", sorted({name for name in NAMES.values() if name not in PROSE | {"notebook"}}))
def test_names_are_those_of_the_grammars(language):
    assert get_parser(language)
