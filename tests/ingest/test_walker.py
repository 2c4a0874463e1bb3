"""What is left out by its path and size alone."""

import pytest
from repoask.ingest.types import Reason, Selection
from repoask.ingest.walker import Walker


def reason(path, *, size=10, ignore_files=None, **selection):
    return Walker(Selection(**selection), ignore_files=ignore_files or {}).reason(path, size=size)


@pytest.mark.parametrize(
    "path",
    [
        ".env",
        "app/.env.production",
        "prod.env",
        "keys/id_rsa",
        "id_ed25519",
        "server.pem",
        "config/master.key",
        "a.p12",
        "a.PFX",
        "x.keystore",
        ".netrc",
        "_netrc",
        ".git-credentials",
        ".pgpass",
        ".htpasswd",
        ".pypirc",
        "credentials",
        "credentials.json",
        ".aws/config",
        "home/.ssh/config",
        ".kube/config",
        "terraform.tfstate",
        "terraform.tfstate.backup",
        "config/secrets.yml",
        "client_secret_123.json",
        "service-account.json",
        "passwords.kdbx",
        ".envrc",
        ".npmrc",
        "prod.tfvars",
        "infra/prod.auto.tfvars.json",
        "admin.kubeconfig",
        "id_rsa.bak",
        "id_rsa.old",
        ".env.bak",
        "server.key~",
        "auth.json",
        ".Renviron",
        "local.settings.json",
        "wp-config.php",
        "config/credentials.yml.enc",
        "config/credentials/production.yml.enc",
    ],
)
def test_names_that_say_secret(path):
    assert reason(path) is Reason.SECRET_FILE
    assert reason(path, all_files=True) is Reason.SECRET_FILE
    assert reason(path, allow_secrets=True) is None


@pytest.mark.parametrize(
    "path",
    [
        ".env.example",
        ".env.sample",
        ".env.template",
        "env.py",
        "environment.ts",
        "id_rsa.pub",
        "src/credentials.py",
        "secrets.py",
        "lib/netrc.rb",
        "keyboard.c",
        "monkey.md",
        "ssh/client.go",
        "docker/config.json",
        "wp-config-sample.php",
        "auth.ts",
        "src/auth/login.json",
        "prod.tfvars.example",
        "variables.tf",
        "npmrc.md",
    ],
)
def test_names_that_only_sound_secret_are_kept(path):
    assert reason(path) is None


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("node_modules/x/index.js", Reason.VENDORED),
        ("web/node_modules/x.js", Reason.VENDORED),
        ("vendor/github.com/x/y.go", Reason.VENDORED),
        ("Third_Party/zlib/a.c", Reason.VENDORED),
        ("lib/python3/site-packages/x.py", Reason.VENDORED),
        ("package-lock.json", Reason.LOCK_FILE),
        ("a/Cargo.lock", Reason.LOCK_FILE),
        ("go.sum", Reason.LOCK_FILE),
        ("js/app.min.js", Reason.MINIFIED),
        ("js/app-min.css", Reason.MINIFIED),
        ("js/app.js.map", Reason.MINIFIED),
        ("vendor.go", None),
        ("node_modules.md", None),
        ("lock.py", None),
        ("admin.js", None),
        ("deps/lua/lapi.c", None),
    ],
)
def test_what_is_nobody_s_own_source_is_left_out_and_brought_back(path, expected):
    assert reason(path) is expected
    assert reason(path, all_files=True) is None


def test_size_limit_is_inclusive_and_unknown_sizes_pass():
    assert reason("a", size=100, max_file_bytes=100) is None
    assert reason("a", size=101, max_file_bytes=100) is Reason.TOO_LARGE
    assert reason("a", size=101, max_file_bytes=100, all_files=True) is None
    assert reason("a", size=-1, max_file_bytes=0) is None


@pytest.mark.parametrize(
    ("path", "kept"),
    [("src/a.py", True), ("src/b/a.py", True), ("a.py", False), ("src/a.js", False), ("docs/x/y.md", True)],
)
def test_include_takes_only_what_matches(path, kept):
    assert (reason(path, include=("src/**/*.py", "docs/")) is None) is kept


def test_exclude_wins_over_include():
    assert reason("src/a.py", include=("src",), exclude=("a.*",)) is Reason.EXCLUDED


def test_exclude_is_not_brought_back_by_all_files():
    assert reason("a.py", exclude=("*.py",), all_files=True) is Reason.EXCLUDED
    assert reason("a.py", ignore_files={"": "*.py"}, all_files=True) is Reason.EXCLUDED
