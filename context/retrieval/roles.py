"""What kind of file a path names: code, test, example, documentation, a file of re-exports, and so on.

Judges by names alone, as people do when they look at a listing. Knows nothing of questions.
"""

import re
from dataclasses import dataclass

__all__ = ["Roles", "roles_of"]

_TEST = re.compile(
    r"(^|/)(tests?|testing|testdata|specs?|__tests__|__mocks__|mocks?|fixtures?|e2e|testsuite|unit|conformance)/"
    r"|(^|/)([^/]*[a-z0-9._-])?(Tests?|Specs|TestFixtures|TestUtilities)/"  # Shop.Tests, commonTest, UnitTests
    r"|^t/"  # Perl's, git's and Celery's
    r"|(^|/)(test_[^/]*|conftest\.py|[^/]*(_test|_spec|_tests|\.test|\.spec|-test|-spec)\.[^/.]+)$"
    r"|(^|/)[^/]*(Test|Tests|Tester|Spec|TestCase|IT)\.(java|kt|scala|cs|swift|php)$",
)
_EXAMPLE = re.compile(
    r"(^|/)(examples?|samples?|snippets?|demos?|playground|tutorials?|docs_src|sandbox)/", re.IGNORECASE
)
_BENCHMARK = re.compile(
    r"(^|/)([^/]*\.)?(bench|benches|benchmarks?|perf|performance\w*|fuzz|fuzzing)/|_bench\."  # Shop.Benchmarks
    r"|benchmarks?\.\w+$",
    re.IGNORECASE,
)
_COMPATIBILITY = re.compile(r"(^|/)(_?compat\w*|legacy|deprecated|v1|polyfills?|shims?)(/|\.[^/]+$)", re.IGNORECASE)
_VENDORED = re.compile(
    r"(^|/)(deps|vendor|vendored|third_party|thirdparty|external|_vendor)/"
    r"|(^|/)dist/(.*/)?[^/]+\.(?:[cm]?js|css)$|\.(?:min|bundle)\.(?:[cm]?js|css)$",
    re.IGNORECASE,
)
_HISTORY = re.compile(
    r"(^|/)(changelog|changes|history|news|releases?|release[-_]notes|upgrading|authors|contributors|maintainers"
    r"|contributing|code[-_]of[-_]conduct|governance|security|licen[cs]e|copying|notice)[^/]*$",
    re.IGNORECASE,
)
_INDEX = re.compile(
    r"(^|/)(__init__\.pyi?|mod\.rs|lib\.rs|index\.(?:[cm]?[jt]sx?|d\.ts)|package-info\.java|module-info\.java|doc\.go)$"
)
_TYPES_ONLY = re.compile(r"\.d\.[cm]?ts$|\.pyi$")
_TOOLING = re.compile(
    r"(^|/)(\.github|\.circleci|\.vscode|scripts?|tools?|ci|contrib|utils/release|buildSrc)/|^(website|site|www|eng|bots)/"
    r"|(^|/)(gradlew(\.bat)?|mvnw(\.cmd)?|(build|settings)\.(gradle|sbt)(\.kts)?|Rakefile|(gulp|grunt|danger)file\.\w+"
    r"|cake\.cs|[^/]+\.cake|setup\.py|noxfile\.py|[^/]+\.config\.[cm]?[jt]s|docs?/conf\.py)$"
)
_PROJECT_FILE = re.compile(
    r"\.(pbxproj|csproj|vbproj|fsproj|sln|props|targets|xcscheme|xcconfig|plist|storyboard|xib|lock|resx)$"
)

_DOCUMENT_LANGUAGES = frozenset({"", "markdown", "rst", "text", "latex", "org", "asciidoc", "html", "vimdoc", "po"})
_DATA_LANGUAGES = frozenset(
    {"json", "yaml", "toml", "xml", "csv", "ini", "properties", "css", "scss", "svg", "gitignore", "cmake", "make"}
)


@dataclass(frozen=True, slots=True)
class Roles:
    """What a file is; most are none of these.

    Attributes:
        test: A test, or what tests use.
        example: Shows how to use the rest.
        benchmark: Measures or fuzzes the rest.
        compatibility: Kept for old versions.
        vendored: Somebody else's code, or bundled from ours.
        document: Prose.
        history: About the project rather than what it makes: a changelog, a licence, a list of people.
        data: Settings and data rather than code.
        index: Gathers what other files define.
        types_only: Declarations of what other files define.
        tooling: Serves building, not the product.
    """

    test: bool = False
    example: bool = False
    benchmark: bool = False
    compatibility: bool = False
    vendored: bool = False
    document: bool = False
    history: bool = False
    data: bool = False
    index: bool = False
    types_only: bool = False
    tooling: bool = False


def roles_of(path: str, language: str) -> Roles:
    """The roles of a file by its path and language."""
    return Roles(
        test=bool(_TEST.search(path)),
        example=bool(_EXAMPLE.search(path)),
        benchmark=bool(_BENCHMARK.search(path)),
        compatibility=bool(_COMPATIBILITY.search(path)),
        vendored=bool(_VENDORED.search(path)),
        document=language in _DOCUMENT_LANGUAGES,
        history=language in _DOCUMENT_LANGUAGES and bool(_HISTORY.search(path)),
        data=language in _DATA_LANGUAGES or bool(_PROJECT_FILE.search(path)),
        index=bool(_INDEX.search(path)),
        types_only=bool(_TYPES_ONLY.search(path)),
        tooling=bool(_TOOLING.search(path)),
    )
