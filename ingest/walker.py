"""Decides from path and size alone what is left out of a listing, and why.

Knows nothing of git, of bytes, or of where a listing comes from.
"""

import logging
import re
from collections.abc import Mapping

from .patterns import IgnoreFiles, Patterns
from .types import Reason, Selection

__all__ = ["Walker"]

_SECRET_NAME = re.compile(
    r"""
    (?:
        \.env | \.env\.(?!(?:example|sample|template|dist|defaults?|schema)$).+ | .+\.env
        | \.envrc(?:\.(?:local|private))? | id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?
        | .+\.(?:pem|key|p12|pfx|pkcs12|jks|keystore|kdbx?|ppk|p8|tfstate|tfstate\.backup|agekey|gpg)
        | .+\.(?:tfvars|tfvars\.json|ovpn|ya?ml\.enc|json\.enc|env\.enc) | wallet\.dat
        | \.?_?netrc | \.git-credentials | \.pgpass | \.my\.cnf | \.pypirc | \.npmrc | \.dockercfg | \.htpasswd
        | \.s3cfg | \.boto | \.Renviron | \.terraformrc | terraform\.rc | \.bash_history | \.zsh_history
        | \.vault-token | \.?vault[-_]pass(?:word)?(?:\.txt)? | (?:.+\.)?kubeconfig(?:\.ya?ml)?
        | credentials(?:\.json|\.csv|\.db)? | application_default_credentials\.json
        | client_secrets?(?:_.*)?\.json | service[-_]account(?:[-_].*)?\.json | google-services\.json
        | secrets?\.(?:ya?ml|json|toml|ini|env|txt|properties) | local\.settings\.json | wp-config\.php
    )
    # a copy that an editor or a person left beside it
    (?:\.(?:bak|old|orig|save|backup|copy|swp|\d{1,8}) | ~){0,2}
    """,
    re.VERBOSE | re.IGNORECASE,
)
# Composer's; deeper down it is as likely the texts of a login form.
_SECRET_PATHS = frozenset({"auth.json", "composer/auth.json", ".composer/auth.json"})
_SECRET_FOLDER = re.compile(r"(?:^|/)(?:\.ssh|\.gnupg|\.aws|\.azure|\.kube|\.docker|\.gcloud|\.password-store)(?:/|$)")
_VENDORED_FOLDER = re.compile(
    r"""
    (?:^|/)(?:
        node_modules | bower_components | jspm_packages | vendors? | third[-_]?party | 3rd[-_]?party
        | godeps | pods | carthage | site-packages | dist-packages | \.?venv | virtualenv | __pycache__ | \.tox | \.nox
        | \.eggs | \.bundle | \.yarn | \.pnpm-store | \.gradle | \.terraform | \.svn | \.hg
    )(?:/|$)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_LOCK_FILES = frozenset(
    {
        "bun.lock",
        "bun.lockb",
        "cabal.project.freeze",
        "cargo.bazel.lock",
        "cargo.lock",
        "cartfile.resolved",
        "composer.lock",
        "conan.lock",
        "deno.lock",
        "flake.lock",
        "gemfile.lock",
        "gems.locked",
        "go.sum",
        "go.work.sum",
        "gradle.lockfile",
        "mix.lock",
        "module.bazel.lock",
        "npm-shrinkwrap.json",
        "package-lock.json",
        "package.resolved",
        "packages.lock.json",
        "paket.lock",
        "pdm.lock",
        "pipfile.lock",
        "pixi.lock",
        "pnpm-lock.yaml",
        "podfile.lock",
        "poetry.lock",
        "project.assets.json",
        "pubspec.lock",
        "pylock.toml",
        "rebar.lock",
        "shard.lock",
        "stack.yaml.lock",
        "uv.lock",
        "yarn.lock",
    }
)
_MINIFIED_NAME = re.compile(r".+[.-]min\.(?:js|mjs|cjs|css|html)|.+\.(?:js|mjs|cjs|css|ts)\.map|.+\.bundle\.js", re.I)


_log = logging.getLogger(__name__)


class Walker:
    """One selection, applied to the paths of one source.

    Args:
        selection: What is wanted.
        ignore_files: The text of each `.repoaskignore`, by its folder ("" for the root).
    """

    def __init__(self, selection: Selection, *, ignore_files: Mapping[str, str]) -> None:
        self._selection = selection
        self._include = Patterns(selection.include) if selection.include else None
        self._exclude = Patterns(selection.exclude) if selection.exclude else None
        self._ignored = IgnoreFiles(ignore_files) if ignore_files else None
        if self._ignored and self._ignored.num_passed_over:
            _log.warning("%d ignore patterns are not obeyed: too long or too many", self._ignored.num_passed_over)
        self._folders: dict[str, Reason | None] = {}

    def reason(self, path: str, *, size: int) -> Reason | None:
        """Why the file is left out, or None; -1 is a size that is not known."""
        if self._is_excluded(path):
            return Reason.EXCLUDED
        folder, _, name = path.rpartition("/")
        if folder not in self._folders:
            self._folders[folder] = _folder_reason(folder)
        reason = self._folders[folder] or _name_reason(path, name)
        if reason is Reason.SECRET_FILE:
            return None if self._selection.allow_secrets else reason
        if self._selection.all_files:
            return None
        return reason or (Reason.TOO_LARGE if size > self._selection.max_file_bytes else None)

    def _is_excluded(self, path: str) -> bool:
        return bool(
            (self._exclude and self._exclude.match(path))
            or (self._include and not self._include.match(path))
            or (self._ignored and self._ignored.match(path))
        )


def _folder_reason(folder: str) -> Reason | None:
    if _SECRET_FOLDER.search(folder):
        return Reason.SECRET_FILE
    return Reason.VENDORED if _VENDORED_FOLDER.search(folder) else None


def _name_reason(path: str, name: str) -> Reason | None:
    if path in _SECRET_PATHS or _SECRET_NAME.fullmatch(name):
        return Reason.SECRET_FILE
    if name.lower() in _LOCK_FILES:
        return Reason.LOCK_FILE
    return Reason.MINIFIED if _MINIFIED_NAME.fullmatch(name) else None
