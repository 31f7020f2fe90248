# Everything runs from the locked environment in .venv; `make help` lists the targets.
VENV := .venv
PYTHON := $(VENV)/bin/python
UV := .uv/bin/uv
INSTALLED := $(VENV)/.installed
INSTALLED_SPARK := $(VENV)/.installed-spark

# Nothing reports home.
export DAGSTER_DISABLE_TELEMETRY := true
export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export DO_NOT_TRACK := 1
export GX_ANALYTICS_ENABLED := false

.DEFAULT_GOAL := help
.PHONY: help setup spark demo refresh ui rebuild requeue forget status releases rollback resume pin unpin verify data-docs mmm explain test test-long reliability audit lint format bench lock clean

help:  ## List the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(INSTALLED)  ## Install the locked environment (the other targets do it when needed)

$(UV):
	@echo "set-up     uv, into .uv"
	@python3 -m venv .uv
	@.uv/bin/python -m pip install --quiet --disable-pip-version-check uv

$(INSTALLED): requirements.lock | $(UV)
	@echo "set-up     packages of requirements.lock, into $(VENV)"
	@$(UV) venv --quiet --allow-existing --python "$$(command -v python3)" $(VENV)
	@UV_COMPILE_BYTECODE=1 $(UV) pip install --quiet --python $(PYTHON) --no-deps --require-hashes -r requirements.lock
# In ASCII, as Python before 3.13 reads this file by the locale, which need not know the folder's letters.
	@$(PYTHON) -c "import pathlib, site; pathlib.Path(site.getsitepackages()[0], 'kpi_warehouse.pth').write_text(f'import sys; sys.path.append({str(pathlib.Path.cwd())!a})\n')"
	@touch $@

spark: $(INSTALLED_SPARK)  ## Add Apache Spark to the environment; it needs Java 17

$(INSTALLED_SPARK): requirements-spark.lock $(INSTALLED) | $(UV)
	@echo "set-up     packages of requirements-spark.lock, into $(VENV)"
	@UV_COMPILE_BYTECODE=1 $(UV) pip install --quiet --python $(PYTHON) --no-deps --require-hashes -r requirements-spark.lock
	@touch $@

demo: $(INSTALLED)  ## Create the demo company's files, refresh, print the scorecard
	@$(PYTHON) -m orchestration.cli demo

refresh: $(INSTALLED)  ## Load what is new, build, check and publish; FORCE=1 even if nothing is
	@$(PYTHON) -m orchestration.cli refresh --force "$(FORCE)" --accept "$(ACCEPT)" --reason "$(REASON)"

ui: $(INSTALLED)  ## Serve Dagster's web UI on 127.0.0.1:3000 (it has no login)
	@$(PYTHON) -m orchestration.cli ui

rebuild: $(INSTALLED)  ## Make warehouse.duckdb anew from the archive; WITHOUT=source leaves a retired one out
	@$(PYTHON) -m orchestration.cli rebuild --without "$(WITHOUT)"

requeue: $(INSTALLED)  ## Load refused files and quarantined rows that are acceptable by now
	@$(PYTHON) -m orchestration.cli requeue

forget: $(INSTALLED)  ## Erase one person: make forget EMAIL=name@example.com; EVERYONE=1 for a shared mailbox
	@$(PYTHON) -m orchestration.cli forget --email "$(EMAIL)" --everyone "$(EVERYONE)"

status: $(INSTALLED)  ## Tell what is published, how old it is, what failed, what waits
	@$(PYTHON) -m orchestration.cli status

releases: $(INSTALLED)  ## List what was published
	@$(PYTHON) -m orchestration.cli releases

rollback: $(INSTALLED)  ## Go back one release, or to TO=id; REASON="..." is remembered
	@$(PYTHON) -m orchestration.cli rollback --to "$(TO)" --reason "$(REASON)"

resume: $(INSTALLED)  ## Publish again after a rollback
	@$(PYTHON) -m orchestration.cli resume

pin: $(INSTALLED)  ## Keep a release for good: make pin RELEASE=id REASON="..."
	@$(PYTHON) -m orchestration.cli pin --release "$(RELEASE)" --reason "$(REASON)"

unpin: $(INSTALLED)  ## Take a pin back: make unpin RELEASE=id
	@$(PYTHON) -m orchestration.cli unpin --release "$(RELEASE)"

verify: $(INSTALLED)  ## Read every release, or RELEASE=id, whole and compare
	@$(PYTHON) -m orchestration.cli verify --release "$(RELEASE)"

explain: $(INSTALLED)  ## Tell why a KPI moved: make explain KPI=revenue GRAIN=month FROM=2026-02-01 TO=2026-05-01
	@$(PYTHON) -m orchestration.cli explain --kpi "$(KPI)" --grain "$(GRAIN)" --base "$(FROM)" --period "$(TO)"

data-docs: $(INSTALLED)  ## Write what the audit said of the newest release, or RELEASE=id, as a page
	@$(PYTHON) -m orchestration.cli data-docs --release "$(RELEASE)"

mmm: $(INSTALLED)  ## Write the weekly series for a marketing mix model, one wide CSV file
	@$(PYTHON) -m orchestration.cli mmm

# Two processes side by side: most of a test is one thread, and houses are shared within a process.
# Each half takes about as long as the other.
test: $(INSTALLED)  ## Run every test but the long ones
	@$(PYTHON) -m pytest tests/unit >$(VENV)/other-half.log 2>&1 & other=$$!; \
	trap "kill $$other" INT TERM; \
	$(PYTHON) -m pytest tests/project tests/integration; half=$$?; \
	wait $$other; other=$$?; cat $(VENV)/other-half.log; \
	[ $$other -eq 0 ] && [ $$half -eq 0 ]

test-long: $(INSTALLED)  ## Run what takes too long for every change: each dbt test on Spark too
	@$(PYTHON) -m pytest -m long

reliability: $(INSTALLED)  ## Run every test of reliability and keep its figures in docs/reliability.md
	@WAREHOUSE_FIGURES=1 $(PYTHON) -m pytest -s -m "long or not long" tests/unit/reliability \
		tests/unit/publishing tests/unit/attribution/test_changes.py tests/integration/test_arrival.py \
		tests/integration/test_killed_refreshes.py tests/integration/test_business_faults.py

# Either PyPI's own data of vulnerabilities, or OSV's; both are asked over the network.
SERVICE ?= pypi
LOCKS = $(sort $(wildcard requirements*.lock))
audit: | $(UV)  ## Look for known vulnerabilities of all locked packages, at PyPI or SERVICE=osv
	@$(UV) tool run --quiet pip-audit --strict --disable-pip --require-hashes --progress-spinner off \
		--vulnerability-service "$(SERVICE)" $(LOCKS:%=-r %) 2>.uv/audit.log; code=$$?; \
	if grep -q "known vulnerabilit" .uv/audit.log; then cat .uv/audit.log >&2; exit $$code; fi; \
	echo "Nothing was audited: no data of vulnerabilities could be read from '$(SERVICE)'. Run it where PyPI or," >&2; \
	echo "with SERVICE=osv, OSV can be reached. What pip-audit said is in .uv/audit.log." >&2; exit 1

lint: $(INSTALLED)  ## Check style and types of Python and SQL
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy & types=$$!; \
	$(VENV)/bin/sqlfluff lint --processes 2 --disable-progress-bar dbt_project/models dbt_project/tests; sql=$$?; \
	wait $$types && [ $$sql -eq 0 ]

format: $(INSTALLED)  ## Apply the formatters
	@$(VENV)/bin/ruff check --fix .
	@$(VENV)/bin/ruff format .
	@$(VENV)/bin/sqlfluff fix --processes 2 dbt_project/models

bench: $(INSTALLED)  ## Measure what the documents state
	@$(PYTHON) -m pytest tests/benchmarks -s

lock:  $(UV)  ## Resolve the dependencies anew into both locks
	@$(UV) pip compile pyproject.toml --universal --fork-strategy fewest --generate-hashes --no-header --quiet -o requirements.lock
	@$(UV) pip compile pyproject.toml --extra spark --universal --fork-strategy fewest --generate-hashes --no-header --quiet -c requirements.lock -o requirements-spark.lock

clean:  ## Remove the environment, not the data
	@rm -rf $(VENV) .uv
