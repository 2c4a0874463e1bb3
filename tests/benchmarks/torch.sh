#!/usr/bin/env bash
# Runs the tests of what is learned with torch, which the environment of `make test-vllm` has; without it, none.
set -euo pipefail
cd "$(dirname "$0")/../.."

torch=$(echo .venv-vllm/lib/python3*/site-packages)
[ -d "$torch/torch" ] || { echo "tests of learning: no torch in .venv-vllm; nothing was tested"; exit 0; }
PYTHONPATH="${PYTHONPATH:+$PYTHONPATH:}$torch" exec "${PYTEST:-.venv/bin/pytest}" -n 0 -q tests/benchmarks/test_vector_learning.py
