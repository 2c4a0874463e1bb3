#!/usr/bin/env bash
# The engine's contract against a real llama.cpp server, which stands in an environment of its own:
# bash tests/contract/run.sh PYTEST-WORDS... Where its wheel does not install, says so in one line and ends well.
set -euo pipefail
cd "$(dirname "$0")/../.."

venv=.venv-llamacpp
lock=requirements-llamacpp.lock
python=${PYTHON:-python3}

skip() {
    echo "test-llamacpp: $1; nothing was tested"
    exit 0
}

# by what it says: a checkout makes a file new without a change
if ! cmp -s "$venv/.stamp" "$lock"; then
    "$python" -m venv "$venv"
    pip=("$venv/bin/python" -m pip --quiet --disable-pip-version-check)
    # wheels alone: what is built from source takes an hour, and a compiler
    if ! said=$("${pip[@]}" install --only-binary :all: --require-hashes -r "$lock" 2>&1); then
        grep -qE 'No matching distribution|none of the hashes|not supported' <<<"$said" || { echo "$said" >&2; exit 1; }
        skip "xllamacpp has no wheel for this Python and machine"
    fi
    "$venv/bin/python" -c 'import xllamacpp' 2>/dev/null || skip "xllamacpp's wheel does not run on this machine"
    cp "$lock" "$venv/.stamp"
fi
exec "${PYTEST:-.venv/bin/pytest}" -m llamacpp "$@"
