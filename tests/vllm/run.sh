#!/usr/bin/env bash
# Tests against a real vLLM server, which stands in an environment of its own: bash tests/vllm/run.sh PYTEST-WORDS...
# Where the CPU build of torch is not to be had, says so in one line and ends well.
set -euo pipefail
cd "$(dirname "$0")/../.."

venv=.venv-vllm
lock=requirements-vllm.lock
python=${PYTHON:-python3}
torch=$(grep -o '^torch==[^ ]*' "$lock")

skip() {
    echo "test-vllm: $1; nothing was tested"
    exit 0
}

# by what it says: a checkout makes a file new without a change
if ! cmp -s "$venv/.stamp" "$lock"; then
    # one wheel's hash is locked: the others cannot be seen from where the lock is made
    "$python" -c 'import platform, sys; sys.exit((sys.version_info[:2], sys.platform, platform.machine()) != ((3, 11), "linux", "x86_64"))' ||
        skip "the lock is for Python 3.11 on Linux x86-64; set PYTHON=python3.11"
    "$python" -m venv "$venv"
    pip=("$venv/bin/python" -m pip --disable-pip-version-check)
    if ! said=$("${pip[@]}" install --quiet --dry-run --no-deps "$torch" 2>&1); then
        grep -q 'No matching distribution' <<<"$said" || { echo "$said" >&2; exit 1; }
        skip "$torch, the CPU build, is in no index that pip is set up with; set PIP_EXTRA_INDEX_URL to one that has it"
    fi
    # the lock is whole but for torchvision, torchaudio and torchcodec: their CUDA builds break the import of transformers
    "${pip[@]}" install --quiet --no-deps --require-hashes -r "$lock"
    cp "$lock" "$venv/.stamp"
fi
exec "${PYTEST:-.venv/bin/pytest}" -m vllm "$@"
