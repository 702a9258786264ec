# For developers. Users need none of this: the two commands in README.md are enough.
BIN = .venv/bin
PINS = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	--no-emit-index-url --no-emit-find-links --no-annotate --no-header pyproject.toml

.PHONY: dev check fix test hunt bench golden lock

dev: ## an environment with everything in it
	python3 -m venv .venv
	$(BIN)/pip install -c constraints.txt -e '.[test,dev,bench]'

check: ## format, lint, types, import contracts
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: ## what the formatter and the linter can mend alone
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

test:
	$(BIN)/pytest

hunt: ## generated data that no run has seen yet; what it finds becomes a test
	for each in $$(seq $(or $(TIMES),10)); do $(BIN)/pytest --hypothesis-profile=hunt -m hypothesis || exit 1; done

bench: ## ratios against plain scripts, measured side by side (minutes)
	$(BIN)/python -m benchmarks

golden: ## accept the texts and pages as they are now; look at the diff before committing it
	$(BIN)/pytest --accept -m "not browser and not packaging"

lock: ## pins for all platforms and Python 3.11-3.13; ARGS=--upgrade takes the newest versions
	UV_PYTHON_DOWNLOADS=never $(PINS) --all-extras $(ARGS) -o constraints.txt
	UV_PYTHON_DOWNLOADS=never $(PINS) --generate-hashes --upgrade -c constraints.txt -o requirements.lock
