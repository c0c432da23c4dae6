"""Fork and prove: runs cells of a notebook where its libraries are imported already, and judges
each by its stored outputs, as nbval does.

A kernel takes seconds to import PyTorch or TensorFlow. Here one process for each notebook, the
*zygote*, makes the notebook's imports and never computes; for each run of cells it forks a child,
which is IPython as in a kernel, with the inline backend of Matplotlib and nothing of the reader's.

    with Prover(path) as prover:
        catches = prover.run(code_cells)
"""

import ast
import gc
import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import suppress
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

import psutil
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from book.press.cells import code_cells, read, tags
from book.press.console import BookError, one_line
from book.press.environment import clean_environment

BROKEN = {"NameError", "UnboundLocalError", "ImportError", "ModuleNotFoundError", "SyntaxError"}
NOT_COMPARED = {"image/png", "image/jpeg"}  # their bytes depend on the version of Matplotlib
AS_IN_A_KERNEL = {
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    # Notebooks set these before they import; here it would be too late.
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "KINETO_LOG_LEVEL": "6",
}
ENDED = "ended"  # the last line of a child's results


class Catch(NamedTuple):
    """A cell that failed, and the message in one line. How: "check", an assertion did not hold;
    "broken", the code uses what is not there; "error", a library refused; "output", another one
    than is stored; "dead", the process died, or ran for too long."""

    cell: str
    how: str
    message: str

    def __str__(self):
        return f"cell {self.cell} ({self.how}): {self.message}"


def texts(outputs):
    """What is compared of a cell's outputs: the texts of each kind, in order."""
    found = defaultdict(list)
    for output in outputs:
        if output["output_type"] == "stream":
            found[output["name"]].append(output["text"])
        elif output["output_type"] == "error":
            found["error"].append(f"{output['ename']}: {output['evalue']}")
        else:
            for kind in output["data"].keys() - NOT_COMPARED:
                found[kind].append(output["data"][kind])
    return found


def difference(stored, now):
    """The first line in which the outputs differ, stored and now; None if they do not."""
    stored, now = texts(stored), texts(now)
    for kind in sorted(stored | now, reverse=True):  # stdout before stderr
        if stored[kind] != now[kind]:
            lines = [" ".join(found[kind]).splitlines() for found in (stored, now)]
            pairs = [pair for pair in zip_longest(*lines) if pair[0] != pair[1]]
            was, became = pairs[0] if pairs else (stored[kind], now[kind])
            return f"{kind}: {was!r} became {became!r}"
    return None


def judge(cell, outputs):
    """The Catch of a cell that has run and made these outputs, or None."""
    errors = [output for output in outputs if output["output_type"] == "error"]
    if errors and "raises-exception" not in tags(cell):
        name, message = errors[0]["ename"], errors[0]["evalue"]
        how = {"AssertionError": "check"}.get(name, "broken" if name in BROKEN else "error")
        return Catch(cell["id"], how, one_line(f"{name}: {message}"))
    if "nbval-ignore-output" not in tags(cell) and (text := difference(cell["outputs"], outputs)):
        return Catch(cell["id"], "output", one_line(text))
    return None


class Prover:
    """The zygote of the notebook in the file `path`; `env` are variables for it beside those that
    a kernel has. The cells run in `folder`, or, without one, each time in a fresh folder."""

    def __init__(self, path, env=None, folder=None):
        self.folder = folder
        program = (  # the cells find modules where a kernel does, not where this process does
            f"import sys; found, sys.path = sys.path, {sys.path!r}; from {__name__} import serve; "
            "sys.path = found; serve()"
        )
        self.zygote = subprocess.Popen(
            [sys.executable, "-c", program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # libraries log there
            env=clean_environment(AS_IN_A_KERNEL | (env or {})),
            encoding="utf-8",
        )
        self.ask(imports(code_cells(read(path))))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.zygote.stdin.close()
        self.zygote.wait()
        self.zygote.stdout.close()

    def ask(self, request):
        """Send the request to the zygote; returns its answer."""
        with suppress(BrokenPipeError):
            print(json.dumps(request), file=self.zygote.stdin, flush=True)
        if answer := self.zygote.stdout.readline():
            return json.loads(answer)
        raise BookError("the process that imports a notebook's libraries died")

    def run(self, cells, last=None, again=False, seconds=300):
        """Run these code cells; returns a Catch for each that fails. It ends when the cell `last`
        has failed, or after so many seconds. `again`: every cell twice in a row, and those tagged
        check once more at the end."""
        if again:
            checks = [cell for cell in cells if "check" in tags(cell)]
            cells = [cell for cell in cells for _ in range(2)] + checks
        with tempfile.TemporaryDirectory(prefix="prove-", ignore_cleanup_errors=True) as own:
            Path(own, "work").mkdir()
            request = {"cells": cells, "last": last, "seconds": seconds, "own": own}
            status = self.ask(request | {"folder": str(self.folder or Path(own, "work"))})
            results = [json.loads(line) for line in Path(own, "results").open(encoding="utf-8")]
        catches = [Catch(*result) for result in results if result and result != ENDED]
        if results[-1:] != [ENDED]:
            why = f"ended with status {status}"
            why = f"still ran after {seconds} s" if status is None else why
            catches.append(Catch(cells[len(results)]["id"], "dead", f"the process {why}"))
        return catches


def imports(cells):
    """The import statements in these cells, in order."""
    found = []
    for cell in cells:
        with suppress(SyntaxError):  # a program that IPython writes to a file, or an error
            nodes = ast.walk(ast.parse(cell["source"]))
            found += [ast.unparse(n) for n in nodes if isinstance(n, ast.Import | ast.ImportFrom)]
    return found


# In the zygote


def serve():
    """Make the imports of the first line of stdin; then, for each line, a request of Prover.run,
    fork. Answers are lines of stdout: the exit status of the child, None if it ran too long."""
    requests, answers = os.fdopen(os.dup(0), encoding="utf-8"), os.fdopen(os.dup(1), "w")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    for statement in json.loads(requests.readline()):
        with suppress(ImportError):  # not every notebook needs all that it can use
            exec(statement, {})
    if "torch" in sys.modules:
        importlib.import_module("torch._dynamo")  # takes a second; the first optimiser does it
    gc.freeze()  # no collection of the children touches, and so copies, what is here
    print("null", file=answers, flush=True)
    for line in requests:
        request = json.loads(line)
        child = os.fork()
        if not child:
            try:
                prove(**request)
            finally:
                os._exit(1)
        try:
            status = wait(child, request["seconds"])
        finally:
            end(child, request["own"])
        print(json.dumps(status), file=answers, flush=True)


def wait(child, seconds):
    """The exit status of the process, negative for a signal; None if it still runs after so many
    seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.005)
    return None


def end(child, own):
    """Kill what is left of the child's process group, and what was started by it elsewhere: its
    TMPDIR is the folder `own`."""
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    for process in psutil.process_iter(["environ"]):
        if (process.info["environ"] or {}).get("TMPDIR") == own:
            with suppress(psutil.NoSuchProcess):
                process.kill()
    with suppress(ChildProcessError):
        os.waitpid(child, 0)


# In the child


def prove(cells, last, seconds, own, folder):
    """Run the cells and end this process; `own`/results gets a line for each: its Catch or null."""
    os.setsid()
    os.chdir(folder)
    os.environ["TMPDIR"] = tempfile.tempdir = own
    shell = Shell.instance(own)
    with open(Path(own, "results"), "w", encoding="utf-8") as results:
        for cell in cells:
            catch = judge(cell, shell.run(cell["source"]))
            print(json.dumps(catch), file=results, flush=True)
            if catch and cell["id"] == last:
                break
        print(json.dumps(ENDED), file=results)
    os._exit(0)


class Results(DisplayHook):
    """Keeps the value of a cell's last line."""

    def write_output_prompt(self):
        pass

    def write_format_data(self, format_dict, md_dict=None):
        self.shell.keep(output_type="execute_result", data=format_dict)


class Displays(DisplayPublisher):
    """Keeps what is displayed."""

    def publish(self, data, *_, **__):
        self.shell.keep(output_type="display_data", data=data)


class Shell(InteractiveShell):
    """IPython that keeps a cell's outputs as nbformat stores them. What is written to stdout and
    stderr, by programs and libraries too, goes through files in the folder `own`."""

    displayhook_class, display_pub_class = Results, Displays

    def __init__(self, own):
        self.outputs, self.streams = [], {}
        for number, name in (1, "stdout"), (2, "stderr"):
            path = Path(own, name)
            written = open(path, "a", buffering=1, encoding="utf-8")  # noqa: SIM115
            os.dup2(written.fileno(), number)
            setattr(sys, name, written)
            self.streams[name] = written, open(path, encoding="utf-8", errors="replace", newline="")
        config = Config({"HistoryManager": {"enabled": False}})
        config.InlineBackend.print_figure_kwargs = {"dpi": 20}  # pictures are not compared
        super().__init__(ipython_dir=str(Path(own, "ipython")), config=config)

    def run(self, source):
        """Run a cell; returns its outputs."""
        self.outputs = []
        self.run_cell(source, store_history=True)
        self.keep_streams()
        return self.outputs

    def keep(self, **output):
        self.keep_streams()
        self.outputs.append(output)

    def keep_streams(self):
        for name, (written, reader) in self.streams.items():
            written.flush()
            if text := reader.read():
                self.outputs.append({"output_type": "stream", "name": name, "text": text})

    def _showtraceback(self, etype, evalue, stb):
        self.keep(output_type="error", ename=etype.__name__, evalue=str(evalue), traceback=stb)
