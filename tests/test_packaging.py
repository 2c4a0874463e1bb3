"""What the wheel must hold, and what an import may cost."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CODE_FOLDERS = ("ingest", "context", "service")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
MODULES = sorted([*ROOT.glob("*.py"), *(path for folder in CODE_FOLDERS for path in (ROOT / folder).rglob("*.py"))])


def test_every_folder_with_modules_is_a_listed_package() -> None:
    folders = {"repoask"} | {".".join(("repoask", *path.parent.relative_to(ROOT).parts)) for path in MODULES}
    assert sorted(PROJECT["tool"]["setuptools"]["packages"]) == sorted(folders)


def test_every_data_file_of_a_package_is_listed() -> None:
    listed = {
        path
        for package, patterns in PROJECT["tool"]["setuptools"]["package-data"].items()
        for pattern in patterns
        for path in (ROOT / Path(*package.split(".")[1:])).glob(pattern)
    }
    data = {
        path
        for folder in CODE_FOLDERS
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.suffix not in {".py", ".pyc"}
    }
    assert data <= listed


def _all_of(tree: ast.Module) -> list[str] | None:
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets):
            return list(ast.literal_eval(node.value))
    return None


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_all_names_what_is_public(path: Path) -> None:
    """`__all__` equals the public functions, classes and constants that the module defines; ruff sees to its order."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    declared = _all_of(tree)
    defined = set()
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            defined.add(node.name)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            defined.update(t.id for t in targets if isinstance(t, ast.Name))
    public = {name for name in defined if not name.startswith("_")}
    if path.name in {"__init__.py", "__main__.py"}:
        assert public <= set(declared or [])
        return
    assert declared is not None, "the module has no __all__"
    assert public == set(declared)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("module", "forbidden"),
    [
        ("repoask.cli", "git numpy pydantic lancedb pyarrow openai transformers tree_sitter rich"),
        (
            "repoask.service.terminal.commands.ask",
            "git lancedb pyarrow openai pydantic tree_sitter kingfisher_sdk sqlite3",
        ),
        ("repoask.service.terminal.commands.plan", "git numpy pydantic lancedb pyarrow openai tree_sitter rich"),
        (
            "repoask.service.answering",
            "asyncio lancedb pyarrow openai pydantic tree_sitter_language_pack kingfisher_sdk sqlite3",
        ),
    ],
)
def test_import_leaves_heavy_libraries_alone(module: str, forbidden: str) -> None:
    code = f"import sys, {module}; print(*sorted(set({forbidden.split()!r}) & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT.parent)
    assert ran.stdout.split() == []
