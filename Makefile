PYTHON ?= python3
BIN := .venv/bin
# A company's own certificates are in the system's store; uv reads only its own otherwise.
export UV_SYSTEM_CERTS := 1

# What is too large for everybody: each file has packages that some candidates need. pip installs
# torch from wherever it is told to find wheels; uv keeps Spark for the images that have it too.
EXTRAS := requirements-torch.txt requirements-spark.txt

.PHONY: rehearse test bench setup extras lock

rehearse: setup $(if $(filter all,$(CANDIDATES)),extras)  ## Run the whole lifecycle on a local account; KEEP=1, CANDIDATES=all or names.
	@$(BIN)/lifecycle rehearse $(if $(KEEP),--keep) $(if $(CANDIDATES),--candidates=$(CANDIDATES))

test: setup extras  ## Lint, types, and every test.
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/pytest --numprocesses=logical --maxprocesses=4 --dist=loadfile --no-loadscope-reorder

bench: setup  ## Measure every speed claim; writes benchmarks/results.json.
	$(BIN)/python -m benchmarks

setup: .venv/installed node_modules/installed

.venv/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	@echo "Setting up Python (once) ..."
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
	@$(BIN)/uv pip install --quiet --python $(BIN)/python -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@

extras: .venv/extras  ## Install what the rehearsal needs for the candidates that are not enabled.

.venv/extras: $(EXTRAS) .venv/installed
	@echo "Setting up the extras (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint requirements.lock --requirement requirements-torch.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --constraint requirements.lock --requirement requirements-spark.txt
	@touch $@

node_modules/installed: package-lock.json
	@command -v npm > /dev/null || { echo "Node.js with npm is needed, and is not on the PATH."; exit 1; }
	@echo "Setting up the AWS CDK command line (once) ..."
	@npm ci --silent
	@touch $@

lock:  ## Pin everything again after a change of requirements*.txt.
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate requirements-dev.txt -o requirements.lock
