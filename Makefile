# Ask:   ./ask PATH "question"
# Test:  make test
#
# Both need Python 3.11+, git and make, and fetch nothing but locked packages from the configured registry.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.dev-stamp

.PHONY: test test-vllm soak test-llamacpp lint format docs wheel-test lock clean

test: $(STAMP)
	$(BIN)/pytest -n auto --dist worksteal -q

# Against a real vLLM server, which is installed for the CPU into an environment of its own. One server at a time.
test-vllm: $(STAMP)
	bash tests/vllm/run.sh -n 0 -q
	bash tests/benchmarks/torch.sh

# Ten million token ids through that server once: 2.5 minutes, 10 GB of memory.
soak: $(STAMP)
	bash tests/vllm/run.sh -n 0 -q -s -m soak tests/vllm/test_soak.py

# The same contract against a real llama.cpp server, installed likewise: in a minute.
test-llamacpp: $(STAMP)
	bash tests/contract/run.sh -n 0 -q

lint: $(STAMP) .dev/repoask
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	PYTHONPATH=.dev $(BIN)/lint-imports --no-cache

# The pages that are made from the settings, the help texts and the answer's schema; a test fails when they are old.
docs: $(STAMP)
	$(BIN)/python docs/generate.py

format: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The wheel, installed into a fresh environment and asked a question about this checkout.
wheel-test: $(STAMP)
	rm -rf build dist
	$(BIN)/python -m build --no-isolation --wheel --outdir dist .
	bash tests/wheel.sh dist/*.whl

# Versions are pinned for every platform and Python that is supported, with their hashes.
lock:
	uv pip compile pyproject.toml --group build --universal --generate-hashes --python-version 3.11 \
		--no-header --no-annotate -o requirements.lock
	uv pip compile pyproject.toml --group dev --universal --generate-hashes --python-version 3.11 \
		--no-header --no-annotate -c requirements.lock -o requirements-dev.lock
	uv pip compile --group vllm --generate-hashes --python-version 3.11 --python-platform x86_64-manylinux_2_28 \
		--no-emit-package torchvision --no-emit-package torchaudio --no-emit-package torchcodec \
		--no-header --no-annotate -o requirements-vllm.lock
	uv pip compile --group llamacpp --generate-hashes --python-version 3.11 --python-platform x86_64-manylinux_2_28 \
		--no-header --no-annotate -o requirements-llamacpp.lock

clean:
	rm -rf $(VENV) .venv-vllm .venv-llamacpp .dev build dist *.egg-info

# Static tools must see this folder as the package `repoask`.
.dev/repoask:
	mkdir -p .dev
	ln -sfn .. .dev/repoask

$(STAMP): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("repoask needs Python 3.11 or newer; set PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $(STAMP)
