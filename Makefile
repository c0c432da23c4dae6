# One Network, Nine Ways: `make` lists the targets.
# Settings to give on the command line, as in `make book PYTHON=python3.12`: the Python that makes
# .venv (3.11 to 3.13), what `make notebooks` executes, the port of `make serve`.
PYTHON ?= python3
NB ?= notebooks/*.ipynb
PORT ?= 8000
VENV ?= .venv
PY := $(VENV)/bin/python
PYTEST := $(PY) -m pytest -q -n 2

# Two kernels run at once, each with half of the cores. Taking all of them each, they run four times
# slower than one after the other: a thread that waits for its turn holds its core.
export OMP_NUM_THREADS ?= $(shell expr \( 1 + `getconf _NPROCESSORS_ONLN` \) / 2)
# They share a GPU too: TensorFlow must not take all its memory.
export TF_FORCE_GPU_ALLOW_GROWTH := true

# The reader's own matplotlibrc and IPython profile stay out of the outputs.
export MPLCONFIGDIR := $(abspath $(VENV))/matplotlib
export IPYTHONDIR := $(abspath $(VENV))/ipython

.PHONY: help book test faults matrix lighthouse notebooks bench serve pdf clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):[^#]*## /\1@  /p' Makefile | awk -F@ '{ printf "make %-10s%s\n", $$1, $$2 }'

book: $(VENV)/.installed ## build the site in _build/html, executing what has changed
	@$(PY) book/_tools/build.py

test: book ## prove it: every notebook's outputs, the pages, these targets, the code's style
	$(PY) -m ruff check --quiet .
	$(PY) -m ruff format --check --quiet .
	$(PYTEST) --junit-xml=_build/reports/notebooks.xml --dist=loadscope \
		--nbval --nbval-current-env --nbval-cell-timeout=600 notebooks
	$(PYTEST) --junit-xml=_build/reports/tests.xml tests

faults: $(VENV)/.installed ## plant faults in copies of the notebooks: each must be caught, other rounding must not
	$(PYTEST) --junit-xml=_build/reports/faults.xml --dist=worksteal \
		tests/faults/plant.py tests/faults/rounding.py

matrix: $(VENV)/.installed ## run the notebooks with older libraries and with Colab's
	@$(PY) book/_tools/matrix.py

lighthouse: book ## have Lighthouse judge three pages; needs Node and, the first time, the network
	@$(PY) book/_tools/lighthouse.py

notebooks: $(VENV)/.installed ## execute the notebooks in place; one: make notebooks NB=notebooks/01_numpy.ipynb
	@$(PY) book/_tools/execute.py $(NB)

bench: $(VENV)/.installed ## measure this machine: builds, tests, each stage's training step
	@$(PY) -m benchmarks.bench

serve: book ## show the site on http://localhost:8000 (another port: PORT=8001)
	@$(PY) -m http.server $(PORT) --bind 127.0.0.1 --directory _build/html

pdf: book ## print the book to _build/one-network-nine-ways.pdf, with Chromium
	@$(PY) book/_tools/pdf.py

clean: ## remove the site and the execution cache; .venv stays
	rm -rf _build

$(VENV)/.installed: requirements.txt constraints.txt
	@$(PYTHON) book/_tools/install.py $(VENV)
