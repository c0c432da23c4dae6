# One Network, Nine Ways: `make` lists the targets.
# Settings, to be given on the command line alone, as in `make book PYTHON=python3.12`: the Python
# that makes .venv (3.11 or newer), what `make notebooks` executes, the port of `make serve`, where
# the environment is. A shell's own variables of these names mean something else.
PYTHON = python3
NB =
DONE =
PORT = 8000
VENV = .venv
# -E: what the reader has set for Python is for other programs.
PY := $(VENV)/bin/python -E
PRESS := $(PY) -m book.press
PYTEST := $(PY) -m pytest -q -n 2

.PHONY: help book style check test outputs tools site mutants weekly notebooks zh tidy matrix links lighthouse serve pdf clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):[^#]*## /\1@  /p' Makefile | awk -F@ '{ printf "make %-10s%s\n", $$1, $$2 }'

book: $(VENV)/.installed ## build the site in _build/site
	@$(PRESS) build

style: $(VENV)/.installed
	@$(PY) -m ruff check --quiet .
	@$(PY) -m ruff format --check --quiet .

check: style ## in seconds: the code's style, the notebooks' shape, the workflows
	@$(PYTEST) --tb=short tests/notebooks -m "not slow and not weekly"

test: style outputs tools site ## prove it: the code's style, and the three below

outputs: $(VENV)/.installed ## hold every notebook's stored outputs to a fresh run
	$(PYTEST) --junit-xml=_build/reports/outputs.xml --dist=loadscope \
		--nbval --nbval-cell-timeout=600 notebooks book

tools: $(VENV)/.installed ## try the notebooks' shape and programs, and these targets on small books
	$(PYTEST) --junit-xml=_build/reports/tools.xml --dist=loadgroup \
		tests/notebooks tests/tools -m "not weekly"

site: book ## read the site as its readers do, in a browser
	$(PYTEST) --junit-xml=_build/reports/site.xml tests/site -m "not weekly"

mutants: $(VENV)/.installed ## plant mistakes in the stages: each must be caught; answers to exercises
	$(PYTEST) --junit-xml=_build/reports/mutants.xml --dist=loadgroup tests/mutants -m "not weekly"

weekly: book ## what takes long: the chapters' mistakes, second runs, other rounding and code paths, what is to be translated
	PROOFS=anew $(PYTEST) --junit-xml=_build/reports/weekly.xml --dist=loadgroup tests -m weekly

notebooks: $(VENV)/.installed ## execute all notebooks in place; one: make notebooks NB=notebooks/01_numpy.ipynb
	@$(PRESS) notebooks $(NB)

zh: $(VENV)/.installed ## copy programs and outputs to the other editions; say what is to be translated
	@$(PRESS) translate $(DONE)

tidy: $(VENV)/.installed ## clean notebooks that an editor has saved, without executing them
	@$(PRESS) tidy $(NB)

matrix: $(VENV)/.installed ## run the notebooks with older libraries and with Colab's
	$(PY) -m tox

links: $(VENV)/.installed ## try the addresses of other sites that the pages name; needs the network
	$(VENV)/bin/jupyter-book build . --builder linkcheck --path-output _build/linkcheck

# Its mark for speed hangs on the machine, so it only warns; the bounds hold on a slow one, too.
lighthouse: book ## have Lighthouse judge two pages; needs Node and, the first time, the network
	npx --yes @lhci/cli@0.15.1 autorun

serve: book ## show the site on http://localhost:8000 (another port: PORT=8001)
	@$(PRESS) serve "$(PORT)"

pdf: book ## print the book, each edition to its folder of _build, with Chromium
	@$(PRESS) pdf

clean: ## remove what was built; .venv stays
	rm -rf _build

# Looked at each time, in a fifth of a second: is what requirements.txt pins really there?
$(VENV)/.installed: FORCE
	@$(PYTHON) -I book/press/install.py $(VENV)
FORCE:
