# Every target does its own set-up. `make demo` and `make test` are all that a newcomer needs.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
AZURE_CLI := .cache/azure-cli
OSCAL := .cache/oscal
DISSECT := .cache/bench/dissect
READY := $(VENV)/.ready
# pytest-randomly is there for the tests of what it does to a run, not to order our own.
ORDERED := -p no:randomly
SOURCES := checks runners reports lab tests conftest.py
DECIDE := runners/gate.py,runners/generalize/*.py,runners/waivers.py,reports/waivers.py,reports/journal.py,reports/verdict.py,reports/attestation.py,reports/verify.py,reports/completeness.py,checks/judgement.py

.PHONY: demo test runs noise large shells browser galleries faults witness workers azure-cli oscal real bench bench-small lint types cover docs lock clean help

help: ## say what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/make \1\t\2/' | expand -t 16

demo: $(READY) ## the whole path on two simulated VMs, with evidence in evidence/latest
	@SEALPROOF_DEMO_KEY="$$($(BIN)/python -m reports key --public evidence/demo.pub.pem)" $(BIN)/sealproof --lab -q \
	    --evidence evidence --sign-key env:SEALPROOF_DEMO_KEY --allow-lab
	@$(BIN)/python -m reports verify evidence/latest --key evidence/demo.pub.pem --allow-lab

# What is slow, or needs more than Python, has a target of its own; .ci/run calls them all.
SLOW := tests/real tests/azure_cli tests/oscal tests/workers tests/galleries tests/faults tests/browser tests/witness tests/large tests/bench
SHELLS := tests/runners/probes/test_linux_*.py tests/runners/probes/test_residue_probe.py tests/runners/guest/test_script.py
NOISE := tests/runners/disk/test_noise.py tests/runners/disk/test_noise_windows.py
RUNS := tests/runners/test_plugin_selection.py tests/runners/test_plugins.py tests/runners/test_plain_tests.py \
    tests/runners/test_faults.py tests/runners/test_confirm_path.py tests/runners/test_signing_in.py tests/runners/test_ending.py \
    tests/runners/test_select.py tests/runners/test_shard.py tests/runners/test_layouts.py

test: $(READY) ## the test suite (no real guests, no Azure CLI, no galleries, no probes in a shell)
	$(BIN)/python -m pytest tests $(ORDERED) -n 3 --dist loadfile -q $(SLOW:%=--ignore=%) $(NOISE:%=--ignore=%) $(RUNS:%=--ignore=%) \
	    $(SHELLS:%='--ignore-glob=%')

runs: $(READY) ## whole runs in many ways: what is selected and shared out, other plugins, plain tests, faults, --confirm, signing in
	$(BIN)/python -m pytest $(RUNS) $(ORDERED) -n 3 --dist loadfile -q

noise: $(READY) ## 1,000 randomly damaged disks for the reader (SEALPROOF_NOISE=N, SEALPROOF_NOISE_WINDOWS=N for other numbers)
	SEALPROOF_NOISE=$${SEALPROOF_NOISE:-1000} $(BIN)/python -m pytest tests/runners/disk/test_noise.py $(ORDERED) -n 2 -q
	SEALPROOF_NOISE_WINDOWS=$${SEALPROOF_NOISE_WINDOWS:-100} $(BIN)/python -m pytest tests/runners/disk/test_noise_windows.py \
	    $(ORDERED) -n 2 -q

large: $(READY) ## a sealed disk of 30 GiB is judged after reading less than 0.2 % of it; installs what makes it from Debian
	@for program in sgdisk mkfs.ext4 debugfs; do command -v $$program >/dev/null || missing=yes; done; [ -z "$$missing" ] || { \
	    echo "Installing e2fsprogs and gdisk"; \
	    root=$$([ "$$(id -u)" -eq 0 ] || echo sudo); \
	    $$root apt-get update -qq && $$root apt-get install -y -qq --no-install-recommends e2fsprogs gdisk; }
	$(BIN)/python -m pytest tests/large $(ORDERED) -q

shells: $(READY) ## what is sent to Linux guests in dash, bash and busybox sh, and shellcheck of it; installs them from Debian
	@for program in busybox shellcheck; do command -v $$program >/dev/null || missing=yes; done; [ -z "$$missing" ] || { \
	    echo "Installing busybox and shellcheck"; \
	    root=$$([ "$$(id -u)" -eq 0 ] || echo sudo); \
	    $$root apt-get update -qq && $$root apt-get install -y -qq --no-install-recommends busybox shellcheck; }
	SEALPROOF_SHELLS=all $(BIN)/python -m pytest tests/runners/probes tests/runners/guest tests/runners/generalize/test_removals.py \
	    $(ORDERED) -n 2 -q

browser: $(READY) ## the report in a real browser, and the pictures of it in the docs; installs Chromium from Debian
	@command -v chromium >/dev/null || { \
	    echo "Installing Chromium"; \
	    root=$$([ "$$(id -u)" -eq 0 ] || echo sudo); \
	    $$root apt-get update -qq && $$root apt-get install -y -qq --no-install-recommends \
	        chromium fonts-roboto-unhinted fonts-dejavu-core; }
	$(BIN)/python -m pytest tests/browser $(ORDERED) -q

galleries: $(READY) ## every machine of the lab's galleries is found as its scenario says
	$(BIN)/python -m pytest tests/galleries $(ORDERED) -q

# Three workers on two cores, since some of them wait; in the files' own order, which begins with the long ones.
faults: $(READY) ## what goes wrong at every call, a process killed at every step, and every missing right; writes docs/reliability.md
	SEALPROOF_INTERLEAVINGS=2000 $(BIN)/python -m pytest tests/faults tests/runners/generalize/test_reconciler.py $(ORDERED) \
	    -n 3 --dist loadfile --no-loadscope-reorder -q
	$(BIN)/python -m tests.faults.table

witness: $(READY) ## disks, snapshots and files that others sealed, guests that testify themselves, and no SAS shown
	$(BIN)/python -m pytest tests/witness $(ORDERED) -n 2 --dist loadfile -q

workers: $(READY) ## many targets shown by many workers of pytest-xdist, and runs of theirs that are cut short
	$(BIN)/python -m pytest tests/workers $(ORDERED) -q

azure-cli: $(READY) $(AZURE_CLI)/.ready ## the tests with the real Azure CLI, which is installed below .cache
	$(BIN)/python -m pytest tests/azure_cli $(ORDERED) -q

oscal: $(READY) $(OSCAL)/.ready ## what compliance-trestle (installed below .cache) and NIST's schema say of our OSCAL
	$(BIN)/python -m pytest tests/oscal $(ORDERED) -q

real: $(READY) ## the tests with a real Debian VM under QEMU; installs what they need from Debian
	@lab/guests/real/needs.sh
	$(BIN)/python -m pytest tests/real $(ORDERED) -q

bench: $(READY) $(DISSECT)/.ready ## measure ours beside others, into docs/benchmarks.md; installs libguestfs and a kernel from Debian
	@root=$$([ "$$(id -u)" -eq 0 ] || echo sudo); \
	    command -v virt-cat >/dev/null && ls /boot/vmlinuz-* >/dev/null 2>&1 || { \
	        echo "Installing libguestfs, and a kernel for its appliance"; \
	        $$root apt-get update -qq && $$root apt-get install -y -qq --no-install-recommends \
	            libguestfs-tools linux-image-$$(dpkg --print-architecture); }
	$(BIN)/python -m tests.bench

bench-small: $(READY) ## rehearse each part of the benchmark, which measures nothing
	$(BIN)/python -m pytest tests/bench $(ORDERED) -q

lint: $(READY) ## ruff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY) ## mypy --strict
	$(BIN)/mypy $(SOURCES)

cover: $(READY) ## 100 % branch coverage of the parts that decide
	$(BIN)/coverage erase
	$(BIN)/coverage run --branch --include='$(DECIDE)' -m pytest $(ORDERED) -q tests/runners/test_gate.py tests/runners/generalize \
	    tests/runners/test_waivers.py tests/reports/test_waivers.py tests/reports/test_attestation.py \
	    tests/reports/test_verify.py tests/reports/test_merge.py tests/reports/test_journal.py tests/reports/test_verdict.py \
	    tests/checks/test_judgement.py
	$(BIN)/coverage report --show-missing --fail-under=100

docs: $(READY) ## write what is generated: pages, schemas, golden files of the reports
	$(BIN)/python -m checks.document > docs/checks.md
	$(BIN)/python -m tests.reports.refresh
	$(BIN)/python -m reports.controls > docs/controls.md
	$(BIN)/python -m lab schema > docs/scenario.schema.json

lock: $(READY) ## refresh the locks: newest versions that pyproject.toml and the Azure CLI allow, with hashes
	$(PYTHON) -m venv .cache/lock
	.cache/lock/bin/pip install --quiet uv
	.cache/lock/bin/uv pip compile pyproject.toml --all-extras --upgrade --universal --python-version 3.11 \
	    --generate-hashes --no-emit-index-url --no-emit-find-links --quiet --custom-compile-command 'make lock' \
	    --output-file requirements.lock
	.cache/lock/bin/uv pip compile tests/azure_cli/requirements.in --upgrade --universal --python-version 3.11 \
	    --generate-hashes --no-emit-index-url --no-emit-find-links --quiet --custom-compile-command 'make lock' \
	    --output-file tests/azure_cli/requirements.lock
	.cache/lock/bin/uv pip compile tests/oscal/requirements.in --upgrade --universal --python-version 3.11 \
	    --generate-hashes --no-emit-index-url --no-emit-find-links --quiet --custom-compile-command 'make lock' \
	    --output-file tests/oscal/requirements.lock
	.cache/lock/bin/uv pip compile tests/bench/requirements.in --upgrade --universal --python-version 3.11 \
	    --generate-hashes --no-emit-index-url --no-emit-find-links --quiet --custom-compile-command 'make lock' \
	    --output-file tests/bench/requirements.lock

clean: ## remove what is built here; evidence stays
	rm -rf $(VENV) .cache .coverage .mypy_cache .pytest_cache .ruff_cache build *.egg-info

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "Sealproof needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1)."; \
	    echo "Name another one: make PYTHON=python3.12 ..."; exit 1; }
	@echo "Setting up $(VENV) from requirements.lock (once; takes about a minute)"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	    echo "$(PYTHON) -m venv failed. On Debian or Ubuntu this helps: apt-get install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

# An environment of its own: it brings an SSH library and much else along.
$(OSCAL)/.ready: tests/oscal/requirements.lock
	@echo "Setting up compliance-trestle in $(OSCAL) (once)"
	@$(PYTHON) -m venv $(OSCAL)
	@$(OSCAL)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/oscal/requirements.lock
	@touch $(OSCAL)/.ready

# An environment of its own: the Azure CLI pins other versions of what Sealproof uses.
$(AZURE_CLI)/.ready: tests/azure_cli/requirements.lock
	@echo "Setting up the Azure CLI in $(AZURE_CLI) (once; takes some minutes)"
	@$(PYTHON) -m venv $(AZURE_CLI)
	@$(AZURE_CLI)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/azure_cli/requirements.lock
	@touch $(AZURE_CLI)/.ready

# An environment of its own: dissect's tools bring much along that the reader process must not have.
$(DISSECT)/.ready: tests/bench/requirements.lock
	@echo "Setting up dissect's own tools in $(DISSECT) (once)"
	@$(PYTHON) -m venv $(DISSECT)
	@$(DISSECT)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/bench/requirements.lock
	@touch $(DISSECT)/.ready
