"""Fork and prove: runs cells of a notebook where its libraries are imported already, and judges
each by its stored outputs, as nbval does.

A kernel takes seconds to import PyTorch or TensorFlow. Here one process for each notebook, the
*zygote*, makes the notebook's imports and never computes; for each run of cells it forks a child,
which is IPython as in a kernel, with the inline backend of Matplotlib and nothing of the reader's.
Runs that begin with the same cells share them: a child that stays, the *trunk*, runs those once,
and each run is a fork of it. A process that has computed with many threads, or with TensorFlow,
cannot be forked: such runs share nothing.
"""

import ast
import gc
import json
import math
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import defaultdict
from contextlib import suppress
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

import psutil
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from book.press.cells import code_cells, read, tags
from book.press.console import BookError, one_line
from book.press.pages import ROOT

BROKEN = {"NameError", "UnboundLocalError", "ImportError", "ModuleNotFoundError", "SyntaxError"}
NOT_COMPARED = {"image/png", "image/jpeg"}  # their bytes depend on the version of Matplotlib
STREAMS = {"stdout": 1, "stderr": 2}  # and their file descriptors
AS_IN_A_KERNEL = {
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    # Notebooks set these before they import; here it would be too late.
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "KINETO_LOG_LEVEL": "6",
}
AT_ONCE = 2  # runs: while one imports its library, the other computes; more would crowd a GPU
KEPT = (
    r"PATH|HOME|USER|LOGNAME|TMPDIR|TEMP|TMP|SYSTEMROOT|LD_LIBRARY_PATH|DYLD_\w+|CC|CXX|SDKROOT"
    r"|DEVELOPER_DIR|OMP_NUM_THREADS|OPENBLAS_\w+|CUDA_?\w*|NVIDIA_\w+|HIP_\w+|HSA_\w+|ROCM?_\w+"
    r"|ZE_\w+|ONEAPI_\w+|\w+_VISIBLE_DEVICES"
)


def count_cpus():
    """How many CPUs this process may use: a scheduler may allot fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def clean_environment(more=None):
    """The variables that a kernel gets: those kept of this process, the book's own, and `more`."""
    kept = {key: value for key, value in os.environ.items() if re.fullmatch(KEPT, key)}
    threads = math.ceil(count_cpus() / AT_ONCE)  # one that waits for its turn would hold its core
    folder = Path(sys.prefix)
    own = {
        "OMP_NUM_THREADS": kept.get("OMP_NUM_THREADS", str(threads)),
        "LC_ALL": "C.UTF-8",  # messages of the system are in English
        "PYTHONNOUSERSITE": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "MPLCONFIGDIR": str(folder / "matplotlib"),
        "IPYTHONDIR": str(folder / "ipython"),
        "TF_FORCE_GPU_ALLOW_GROWTH": "true",  # two kernels share the GPU's memory
    }
    return kept | own | (more or {})


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
    """What is compared of a cell's outputs: one text of each kind."""
    found = defaultdict(str)
    for output in outputs:
        if "text" in output:
            found[output["name"]] += output["text"]
        elif "ename" in output:
            found["error"] += f"{output['ename']}: {output['evalue']}"
        else:
            for kind in output["data"].keys() - NOT_COMPARED:
                found[kind] += f"{output['data'][kind]}\n"
    return found


def judge(cell, outputs):
    """The Catch of a cell that has made these outputs, or None."""
    stored, now = texts(cell["outputs"]), texts(outputs)
    if now["error"] and "raises-exception" not in tags(cell):
        name = now["error"].partition(":")[0]
        how = {"AssertionError": "check"}.get(name, "broken" if name in BROKEN else "error")
        return Catch(cell["id"], how, one_line(now["error"]))
    if "nbval-ignore-output" in tags(cell):
        return None
    for kind in sorted(stored | now, reverse=True):  # stdout before stderr
        if stored[kind] != now[kind]:
            lines = zip_longest(stored[kind].split("\n"), now[kind].split("\n"))
            was, became = next(pair for pair in lines if pair[0] != pair[1])
            return Catch(cell["id"], "output", one_line(f"{kind}: {was!r} became {became!r}"))
    return None


class Prover:
    """The zygote of the notebook in the file `path`; `env` are variables for it beside those that
    a kernel has. The cells run in `folder`, or, without one, each time in a fresh folder."""

    def __init__(self, path, env=None, folder=None):
        self.folder, self.trunk = folder, []
        command = [sys.executable, "-u", "-m", "book.press.prove", path.resolve()]
        env = clean_environment(AS_IN_A_KERNEL | (env or {}))
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        pipes |= {"stderr": subprocess.DEVNULL}  # libraries log there
        self.zygote = subprocess.Popen(command, cwd=ROOT, env=env, **pipes)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.zygote.__exit__(*error)  # closes the pipes, at which it ends, and waits

    def ask(self, request):
        """Send the request; returns the answers, of which the last is an exit status."""
        try:
            print(json.dumps(request), file=self.zygote.stdin, flush=True)
            answers = [json.loads(self.zygote.stdout.readline())]
            while not isinstance(answers[-1], int):
                answers.append(json.loads(self.zygote.stdout.readline()))
        except (BrokenPipeError, json.JSONDecodeError):
            raise BookError("the process that imports a notebook's libraries died") from None
        return answers

    def run(self, cells, last=None, seconds=300, shared=0):
        """Run these code cells, until `last` failed; returns a Catch for each that does. The first
        cells, `shared` of them, are not run again where the run before shared them."""
        if self.trunk and self.trunk != cells[: min(shared, len(self.trunk))]:
            self.ask(None)
            self.trunk = []
        with tempfile.TemporaryDirectory(prefix="prove-", ignore_cleanup_errors=True) as own:
            folder = self.folder or Path(own, "work")
            folder.mkdir(exist_ok=True)
            request = {"cells": cells, "last": last, "seconds": seconds, "shared": shared}
            *results, status = self.ask(request | {"own": own, "folder": str(folder)})
        self.trunk = cells[:shared] if len(results) >= shared else []
        catches = [Catch(*result) for result in results if result]
        if len(results) < len(cells) and not (catches and catches[-1].cell == last):
            why = f"ended with status {status}"
            why = f"still ran after {seconds} s" if status == -signal.SIGALRM else why
            catches.append(Catch(cells[len(results)]["id"], "dead", f"the process {why}"))
        return catches


# In the zygote


def serve(path):
    """Make the notebook's imports; then fork for each line of stdin, a request of Prover.run.
    Lines of stdout answer: the child's, and then its exit status, negative for a signal."""
    answers, stdin = os.fdopen(os.dup(1), "w"), os.fdopen(os.dup(0))
    os.dup2(2, 0)  # nothing to read for the cells
    os.dup2(2, 1)  # whatever is printed here goes nowhere
    for cell in code_cells(read(Path(path))):
        with suppress(SyntaxError):  # a program that IPython writes to a file, or an error
            for node in ast.walk(ast.parse(cell["source"])):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    with suppress(ImportError):  # not every notebook needs all that it can use
                        exec(ast.unparse(node), {})
    if "torch" in sys.modules:
        exec("import torch._dynamo")  # takes a second; the first optimiser does it
    gc.freeze()  # no collection of the children touches, and so copies, what is here
    requests = map(json.loads, iter(stdin.readline, ""))
    for request in requests:
        with tempfile.TemporaryDirectory(prefix="trunk-", ignore_cleanup_errors=True) as own:
            fork(answers, own, grow, request, requests)


def fork(answers, own, job, *of):
    """Do the job in a child, whose temporary folder is `own`; then answer with its exit status."""
    child = os.fork()
    if not child:
        try:
            os.setsid()
            os.environ["TMPDIR"] = tempfile.tempdir = own
            for name, number in STREAMS.items():
                with open(Path(own, name), "ab+") as file:
                    os.dup2(file.fileno(), number)
            job(answers, own, *of)
        finally:
            os._exit(0)
    try:
        _, status = os.waitpid(child, 0)
    finally:
        end(child, own)
    print(os.waitstatus_to_exitcode(status), file=answers, flush=True)


def end(child, own):
    """Kill the child, if it runs, with its children; what is left of its process group; and, by
    TMPDIR, what it started elsewhere."""
    with suppress(psutil.NoSuchProcess):
        for process in psutil.Process(child).children(recursive=True):
            process.kill()
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    for process in psutil.process_iter(["environ"]):
        if (process.info["environ"] or {}).get("TMPDIR") == own:
            with suppress(psutil.NoSuchProcess):
                process.kill()


# In the trunk


def grow(answers, own, request, requests):
    """Run the cells that the requests share, and fork for the others of each."""
    shell, done = make_shell(own), []
    os.mkdir(f"{own}/work")
    os.chdir(f"{own}/work")
    while request:
        for catch in done:
            print(json.dumps(catch), file=answers, flush=True)
        signal.alarm(request["seconds"])  # that ends this process
        for cell in request["cells"][len(done) : request["shared"]]:
            done.append(run(shell, cell))
            print(json.dumps(done[-1]), file=answers, flush=True)
        signal.alarm(0)
        fork(answers, request["own"], finish, shell, request)
        request = next(requests, None)


def make_shell(own):
    config = Config({"HistoryManager": {"enabled": False}})
    config.InlineBackend.print_figure_kwargs = {"dpi": 20}  # pictures are not compared
    shell = InteractiveShell.instance(ipython_dir=f"{own}/ipython", config=config)
    shell.display_pub = shown = CapturingDisplayPublisher()
    shell.displayhook.write_output_prompt = lambda: None
    shell.displayhook.write_format_data = lambda data, _: shown.publish(data)
    shell._showtraceback = lambda kind, error, _: shown.outputs.append(
        {"ename": kind.__name__, "evalue": str(error)}
    )
    return shell


def run(shell, cell):
    """The Catch of the cell, or None. What it prints goes to files."""
    shown = shell.display_pub
    shown.outputs.clear()
    for number in STREAMS.values():
        os.truncate(number, 0)
    shell.run_cell(cell["source"], store_history=True)
    for name, number in STREAMS.items():
        written = os.pread(number, os.fstat(number).st_size, 0).decode("utf-8", "replace")
        shown.outputs.append({"name": name, "text": written})
    return judge(cell, shown.outputs)


# In a branch


def finish(answers, own, shell, request):
    """Run the cells that are not shared, in the request's folder."""
    signal.alarm(request["seconds"])
    shutil.copytree(".", request["folder"], symlinks=True, dirs_exist_ok=True)
    os.chdir(request["folder"])
    for cell in request["cells"][request["shared"] :]:
        catch = run(shell, cell)
        print(json.dumps(catch), file=answers, flush=True)
        if catch and catch.cell == request["last"]:
            break


if __name__ == "__main__":
    sys.path[0] = ""  # cells find modules where a kernel does
    serve(sys.argv[1])
