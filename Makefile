# What one does with Seatledger. `make run` and `make test` set up everything that they need.
PYTHON ?= python3.11
VENV := .venv
PORT ?= 8000
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
UV := uv pip compile --universal --python-version 3.11 --generate-hashes --quiet \
      --no-header --no-annotate --no-emit-index-url --no-emit-find-links

.PHONY: help install run test lint bench trust lock words clean

help:
	@echo "make run      set up and start the demo on http://localhost:8000; make run PORT=8001: at another port"
	@echo "make test     set up and run all checks and tests"
	@echo "make install  only set up $(VENV); the command is then $(BIN)/seatledger"
	@echo "make bench    measure, and print a table"
	@echo "make trust    the long runs (hours)"
	@echo "make lint     style, types and the direction of imports"
	@echo "make proxies  the other proxies that the tests drive: Caddy, HAProxy, Apache"
	@echo "make lua      LuaJIT and nginx's module for it, for the clients in Lua"
	@echo "make words    extract the messages that people read into the catalog's template"
	@echo "make lock     choose newer packages and lock them with their hashes"

install: $(VENV)/installed

$(VENV)/installed: requirements.txt requirements-build.txt pyproject.toml
	$(PYTHON) -c 'import ensurepip' 2>/dev/null || $(call apt,python3.11-venv)
	$(PYTHON) -m venv $(VENV)
	$(PIP) --require-hashes -r requirements-build.txt -r requirements.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/installed-test: $(VENV)/installed requirements-test.txt
	$(PIP) --require-hashes -r requirements-test.txt
	touch $@

run: install
	$(BIN)/seatledger demo --port $(PORT)

test: $(VENV)/installed-test chromium nginx proxies lua lint
	$(BIN)/python -m pytest -n 2 --dist worksteal

lint: $(VENV)/installed-test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

bench: $(VENV)/installed-test wrk
	$(BIN)/python -m tests.benchmarks

trust: $(VENV)/installed-test chromium nginx proxies lua
	SEATLEDGER_TEST_DATABASES=sqlite,postgresql $(BIN)/python -m pytest -m "long or not long"

lock:
	$(UV) pyproject.toml --output-file requirements.txt
	$(UV) pyproject.toml --group test --constraint requirements.txt --output-file requirements-test.txt
	printf 'hatchling\neditables\n' | $(UV) - --output-file requirements-build.txt

# Messages of people's words: extracted into the template, from which a language's catalog is made and kept.
words: $(VENV)/installed-test
	PYTHONPATH=. $(BIN)/pybabel --quiet extract --mapping-file babel.cfg --no-default-keywords --keywords say --keywords message \
	    --keywords plural:1,2 --no-location --sort-output --omit-header \
	    --output-file application/words/locale/seatledger.pot .
	$(BIN)/pybabel --quiet update --domain seatledger --input-file application/words/locale/seatledger.pot --output-dir application/words/locale \
	    --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date
	$(BIN)/pybabel --quiet compile --domain 'seatledger click' --directory application/words/locale

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .hypothesis

# Programs from Debian that the tests and the benchmarks drive.
SUDO := $(shell test "$$(id -u)" = 0 || echo sudo)
apt = ($(SUDO) apt-get update -qq && $(SUDO) env DEBIAN_FRONTEND=noninteractive \
       apt-get install -y -qq --no-install-recommends $(1) >/dev/null)

.PHONY: chromium nginx proxies lua wrk
chromium:
	@command -v chromium >/dev/null && command -v pdftotext >/dev/null || $(call apt,chromium fonts-noto-cjk poppler-utils)

nginx:
	@test -x /usr/sbin/nginx || $(call apt,nginx-light)
	@command -v curl >/dev/null && command -v openssl >/dev/null || $(call apt,curl openssl)

# The other proxies of docs/gateway.md; where Debian cannot give them, their tests are left out, and pytest says so.
proxies:
	@command -v caddy >/dev/null && command -v haproxy >/dev/null && test -x /usr/sbin/apache2 -a -e /usr/share/lua/5.3/socket.lua || \
	    $(call apt,caddy haproxy apache2-bin lua-socket) || echo "Caddy, HAProxy and Apache are not tested here."

# The clients in Lua of docs/gateway.md. nginx's module and wrk go with luajit2 as well.
lua:
	@test -e /usr/lib/nginx/modules/ngx_http_lua_module.so && command -v luajit >/dev/null && ls /usr/lib/*/libutf8proc.so.2 >/dev/null 2>&1 || \
	    $(call apt,libnginx-mod-http-lua luajit2 lua-cjson libsodium23 libutf8proc2) || echo "The clients in Lua are not tested here."

wrk:
	@command -v wrk >/dev/null || $(call apt,wrk)
