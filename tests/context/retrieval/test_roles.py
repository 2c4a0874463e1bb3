"""Roles: what a listing tells of a file by its name."""

import pytest
from repoask.context.retrieval.roles import Roles, roles_of


@pytest.mark.parametrize(
    ("path", "language", "roles"),
    [
        ("src/app.py", "python", Roles()),
        ("src/contest.py", "python", Roles()),
        ("tests/test_app.py", "python", Roles(test=True)),
        ("pkg/server_test.go", "go", Roles(test=True)),
        ("src/button.spec.ts", "typescript", Roles(test=True)),
        ("core/src/UserServiceTest.java", "java", Roles(test=True)),
        ("src/Shop.Tests/Helpers.cs", "csharp", Roles(test=True)),
        ("Tests/Shop/Helpers.swift", "swift", Roles(test=True)),
        ("core/src/commonTest/kotlin/Helpers.kt", "kotlin", Roles(test=True)),
        ("src/Shop/CartTester.cs", "csharp", Roles(test=True)),
        ("src/Shop.Testing/Clock.cs", "csharp", Roles()),
        ("src/Contests/Vote.cs", "csharp", Roles()),
        ("examples/hello/main.rs", "rust", Roles(example=True)),
        ("README.md", "markdown", Roles(document=True)),
        ("CHANGELOG.md", "markdown", Roles(document=True, history=True)),
        ("lua/actions/history.lua", "lua", Roles()),
        ("LICENSE", "", Roles(document=True, history=True)),
        ("src/flask/__init__.py", "python", Roles(index=True)),
        ("types/index.d.ts", "typescript", Roles(index=True, types_only=True)),
        ("deps/lua/lapi.c", "c", Roles(vendored=True)),
        ("dist/browser/shop.cjs", "javascript", Roles(vendored=True)),
        ("docs/js/search.min.js", "javascript", Roles(vendored=True)),
        ("src/dist/mirror.py", "python", Roles()),
        ("package.json", "json", Roles(data=True)),
        ("src/Shop.Benchmarks/Carts.cs", "csharp", Roles(benchmark=True)),
        ("src/Performance/Meter.cs", "csharp", Roles()),
        ("src/Snippets/Docs/Retry.cs", "csharp", Roles(example=True)),
        ("App.xcodeproj/project.pbxproj", "", Roles(data=True)),
        ("gradlew", "bash", Roles(tooling=True)),
        ("core/build.gradle.kts", "kotlin", Roles(tooling=True)),
        ("src/vite.config.ts", "typescript", Roles(tooling=True)),
        ("website/src/home.tsx", "tsx", Roles(tooling=True)),
        ("src/website/home.tsx", "tsx", Roles()),
        ("docs/conf.py", "python", Roles(tooling=True)),
        ("shop/conf.py", "python", Roles()),
    ],
)
def test_a_name_tells_the_role(path, language, roles):
    assert roles_of(path, language) == roles
