#!/usr/bin/env bash
# Installs the wheel given as $1 into a fresh environment and asks a question with it, away from the checkout.
set -euo pipefail
wheel=$(realpath "$1")
lock=$(realpath "$(dirname "$0")/../requirements.lock")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock"
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps "$wheel"

mkdir "$work/repo" && cd "$work/repo"
git init --quiet
printf 'def check_password(user, password):\n    """Compares the hash of a login."""\n    return user.hash == digest(password)\n' > auth.py
printf '# Demo\n\nA small project.\n' > README.md
git add . && git -c user.name=t -c user.email=t@example.invalid commit --quiet -m first

export HOME="$work/home" XDG_CACHE_HOME="$work/cache" XDG_CONFIG_HOME="$work/config"
mkdir -p "$HOME"
answer=$("$work/venv/bin/repoask" "$work/repo" "where is the password checked?")
grep -q 'auth.py:1-3' <<<"$answer" || { echo "the wheel's answer lacks auth.py:1-3:"; echo "$answer"; exit 1; }
if "$work/venv/bin/repoask" "$work/repo" "where is \`KafkaConsumerGroup\` configured?" >/dev/null; then
    echo "a name that the repository lacks must exit with 1"; exit 1
fi
echo "wheel: answers with checked citations, says not found with exit 1"
