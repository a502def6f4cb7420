# Bandstand: the main job is `make demo`, the tests are `make test`. `make help` lists everything.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# Any Python from 3.11 to 3.13 does for the set-up, wherever it is; everything after it uses .venv.
# Later ones come last: the pinned libraries may not be built for them.
FIND_PYTHON = for last in 13 99; do \
	for p in python3 python3.13 python3.12 python3.11 /usr/bin/python3 /usr/local/bin/python3 \
		/usr/bin/python3.1[1-3] /usr/local/bin/python3.1[1-3] $$HOME/.pyenv/versions/3.1[1-3]*/bin/python3; do \
	command -v $$p >/dev/null 2>&1 \
	&& $$p -c "import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, $$last))" 2>/dev/null \
	&& echo $$p && exit 0; done; done; \
	echo "Python 3.11 or later is missing; accepted is python3 or python3.11 to 3.13 on the PATH" >&2; exit 2
SETUP = python=$$($(FIND_PYTHON)) || exit 2; $$python -m packer.setup
PYTHON := .venv/bin/python
PYTEST := $(PYTHON) -m pytest
# Containers, networks and guests need root. Who is not root keeps home and variables.
ROOT := $(shell [ "$$(id -u)" = 0 ] || echo sudo -E env '"HOME=$$HOME"' '"PATH=$$PATH"')
UNIT := not node and not appliance and not soak
export PYTHONDONTWRITEBYTECODE ?= 1
export VERSION DISK_GB CPUS MEMORY_MB FRESH PACKER BANDSTAND_ACCEL CLOUD_IMAGE_URL CLOUD_IMAGE_SHA256

## Set up

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^## /{printf "\n%s\n", substr($$0, 4)} /^[a-z-]+:.*## /{printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@printf '\nVariables: BANDSTAND_ACCEL=auto|kvm|tcg VERSION=1.2.3 FRESH=1 PACKER=file DISK_GB=80 CPUS=4 MEMORY_MB=8192\n  CLOUD_IMAGE_URL=https://… CLOUD_IMAGE_SHA256=…: that image as base instead of one made here\n  make soak: takes many hours; BANDSTAND_SOAK_SECONDS=30 a property and BANDSTAND_FUZZ_SECONDS=1500 a reader end it sooner\n'

.PHONY: setup
setup: ## install everything that building and testing need
	@$(SETUP) all

.PHONY: environment
environment:
	@$(SETUP) environment

## Build

.PHONY: ova
ova: setup ## build/bandstand-VERSION-wide.ova, verified, with its checksum
	@$(PYTHON) -m packer.build ova

.PHONY: deb
deb: environment ## our Debian package, which also upgrades a node
	@$(PYTHON) -m packer.build deb

.PHONY: verify
verify: environment ## read a finished OVA again: make verify OVA=FILE
	@test -n "$(OVA)" || { echo "OVA is not set; accepted is make verify OVA=FILE.ova" >&2; exit 2; }
	@$(PYTHON) -m packer.ova.verify "$(OVA)"

.PHONY: size
size: ## sizes and step times of the last build
	@test -f build/report.json || { echo "nothing was built yet; make ova does it" >&2; exit 6; }
	@cat build/report.json

## See it run

.PHONY: demo
demo: ova ## two nodes of the packed OVA, from boot to a joined cluster
	@$(PYTHON) -m tests.lab.demo

.PHONY: lab
lab: ova ## N nodes as containers, left running until Ctrl-C: make lab N=3
	@$(PYTHON) -m tests.lab.lab --nodes $(or $(N),3)

.PHONY: preview-console
preview-console: environment ## the screen of tty1 in this terminal
	@$(PYTHON) -m firstboot.console.program --preview

.PHONY: preview-portal
preview-portal: environment ## the page /cluster on loopback
	@$(PYTHON) -m agent.portal.serve --preview

## Check

.PHONY: check
check: environment ## linters and unit tests
	@$(PYTEST) -q tests -m "$(UNIT)"

.PHONY: test
test: ova ## everything: linters, unit, containers, and the packed OVA in QEMU
	@$(ROOT) $(PYTHON) -m tests.tiers

.PHONY: test-unit
test-unit: environment ## unit tests without the linters
	@$(PYTEST) -q tests -m "$(UNIT)" --ignore tests/repo

.PHONY: test-node
test-node: ova ## containers of the built image on a real kernel
	@$(ROOT) $(PYTEST) tests -m node

.PHONY: test-appliance
test-appliance: ova ## the packed OVA in QEMU
	@$(ROOT) $(PYTEST) tests -m appliance

.PHONY: soak
soak: ova ## what takes longer: fuzzing, many more examples, every kill, bare machines; adds to docs/soak/report.md
	@$(SETUP) soak
	@$(ROOT) $(PYTHON) -m tests.soak

.PHONY: bench
bench: ova ## the yardsticks, beside cloud-init and beside a bare urwid program in the same run
	@$(PYTHON) -m tests.bench.console
	@$(ROOT) $(PYTHON) -m tests.bench

## Keep

.PHONY: docs
docs: environment ## write the generated pages again
	@$(PYTHON) -m agent.settings.reference
	@$(PYTHON) -m agent.access.reference
	@$(PYTHON) -m firstboot.console.manual

.PHONY: clean
clean: ## remove build/, not the cache of downloads and built stages
	@rm -rf build || { command -v sudo >/dev/null && sudo rm -rf build; }
