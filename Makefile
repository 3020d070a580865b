# Erfa. `make` alone says what there is. Nothing but Debian's own programs is needed; `make setup` installs the rest.
SHELL := /bin/bash
MAKEFLAGS += --no-print-directory
PY := .venv/bin/python
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help setup demo stop clean test check browser faults bench worker translations lock

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

setup: ## Debian packages, ./.venv, database, translations, migrations (safe to repeat)
	@scripts/setup

demo: ## sample office on a free port from 8000 on, until Ctrl-C (BACKGROUND=1, PORT=…, HOST=…)
	@scripts/demo

stop: ## stop this checkout's server and database
	@scripts/stop

clean: ## stop, and remove everything that was made: ./var (with the data), ./.venv, caches
	@scripts/clean

test: ## all tests but browser and benches (ARGS="tests/fees -k month")
	@scripts/test $(ARGS)

check: ## style, types, imports, templates, translations, Django's checks, migrations
	@QUIET=1 scripts/setup --dev --no-migrate
	@scripts/check

browser: ## tests in a real Chromium, with axe-core
	@scripts/test --browser $(ARGS)

faults: ## workers killed, Redis, database and mail server away, wrong clocks; counted at a real mail server (ARGS="-k redis")
	@scripts/test --faults $(ARGS)

bench: ## how fast: pages, payment runs, documents, messages
	@QUIET=1 scripts/setup --dev
	@$(PY) -m benchmarks $(ARGS)

worker: ## Celery worker with the clock (needs REDIS_URL)
	@QUIET=1 scripts/setup
	@test -n "$$REDIS_URL" || { echo "Set REDIS_URL, for example redis://localhost:6379/0. Without it tasks run in the web server."; exit 2; }
	@.venv/bin/celery -A config worker --beat --schedule var/celerybeat-schedule --loglevel INFO --concurrency 2

translations: ## bring locale/*.po up to date with the texts in the code, and compile
	@QUIET=1 scripts/setup --no-migrate
	@scripts/translations update
	@scripts/translations compile

lock: ## resolve the packages anew into the hash-locked files
	@scripts/lock
