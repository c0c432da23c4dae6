"""The programs of *Distributed* when something goes wrong, and the recorder of *Speed*'s ladder.

That a killed worker's training goes on, that a rank alone gives up, and that every rung has the
same curve, the notebooks themselves say in outputs that are compared.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import psutil
import pytest

from book.press import cells
from book.press.pages import ROOT

CODE = cells.code_cells(cells.read(ROOT / "notebooks" / "distributed.ipynb"))
CELLS = {cell["id"]: cell["source"] for cell in CODE}
APPEND = "losses.append(total.item())"  # once a step, in each of the programs


def working_here():
    """The other processes whose working directory is that of this one."""
    found = [each for each in psutil.process_iter(["cwd"]) if each.info["cwd"] == os.getcwd()]
    return [each for each in found if each.pid != os.getpid()]


@pytest.fixture
def launcher(tmp_path, monkeypatch):
    """What the notebook defines to start its programs, which are in the working directory."""
    monkeypatch.chdir(tmp_path)
    for name in "worker", "train", "resume":
        Path(f"{name}.py").write_text(CELLS[name].removeprefix(f"%%writefile {name}.py\n"))
    defined = {"np": np, "os": os, "subprocess": subprocess, "sys": sys}
    exec("\n".join(CELLS[name] for name in ("data", "data-file", "torchrun")), defined)
    yield SimpleNamespace(**defined)
    for process in working_here():
        process.kill()


@pytest.mark.weekly
def test_unequal_shares_give_the_same_curve(launcher):
    """Three processes have 21, 21 and 22 of the 64 rows."""
    curves = {}
    for count in 1, 3:
        launcher.torchrun("train.py", processes=count)
        curves[count] = np.load("losses.npy")
    np.testing.assert_allclose(curves[3][:101], curves[1][:101], rtol=1e-5)
    np.testing.assert_allclose(curves[3][:201], curves[1][:201], rtol=1e-3)


@pytest.mark.slow
def test_interruption_leaves_no_process(launcher):
    """As when a reader interrupts the kernel while the group trains."""
    endless = CELLS["train"].partition("\n")[2].replace("range(500)", "range(10**9)")
    endless = endless.replace(APPEND, "open(f'{rank}.here', 'w').close()")
    Path("train.py").write_text(endless)
    code = f"import os, signal, subprocess, sys\n{CELLS['torchrun']}\n"
    # A shell in the background has what it starts ignore the signal.
    code += "signal.signal(signal.SIGINT, signal.default_int_handler)\ntorchrun('train.py')"
    process = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE)
    while len(list(Path.cwd().glob("?.here"))) < 2:
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.1)
    assert len(working_here()) >= 4  # this one, torchrun, and two workers
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert psutil.wait_procs(working_here(), timeout=30)[1] == []


def start_agent(node, port, environment):
    """One of two agents of torchrun, as on two machines with one disk, with a worker each."""
    command = [sys.executable, "-m", "torch.distributed.run", "--nnodes=2", "--nproc-per-node=1"]
    command += ["--max-restarts=5", "--rdzv-backend=c10d", f"--rdzv-endpoint=127.0.0.1:{port}"]
    command += [f"--rdzv-conf=is_host={int(node == 'A')}", "--rdzv-id=two"]
    command += ["--local-addr=127.0.0.1", "resume.py"]
    with open(f"{node}.log", "ab") as log:
        return psutil.Popen(command, env=environment, stdout=log, stderr=log)


def wait_for(step):
    """Wait until both workers are at this step or beyond; returns their processes by rank."""
    for _ in range(3600):
        notes = [path.read_text().split() for path in sorted(Path.cwd().glob("?.at"))]
        if len(notes) == 2 and all(len(note) == 2 and int(note[0]) >= step for note in notes):
            return [psutil.Process(int(pid)) for _, pid in notes]
        time.sleep(0.05)
    pytest.fail(f"not at step {step}: {notes}\n{Path('A.log').read_text()[-3000:]}")


@pytest.mark.weekly
@pytest.mark.skipif(sys.platform != "linux", reason="the loopback has another name")
def test_two_nodes_survive_a_worker_and_an_agent(launcher):
    """A worker is killed, then the second node's agent with all that runs there, which somebody
    starts again. The curve is that of a run in one piece."""
    launcher.torchrun("train.py")
    Path("killed").touch()  # no worker kills itself
    note = "\n    time.sleep(0.02)\n    open(f'{rank}.at', 'w').write(f'{t} {os.getpid()}')"
    resume = CELLS["resume"].replace(APPEND, APPEND + note)
    Path("resume.py").write_text(resume.replace("%%writefile resume.py", "import time"))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    first, second = (start_agent(node, port, launcher.environment) for node in "AB")
    wait_for(60)[0].kill()
    wait_for(120)
    for each in [*second.children(recursive=True), second]:
        each.kill()
    second.wait()
    agents = first, start_agent("B", port, launcher.environment)
    assert [agent.wait(timeout=300) for agent in agents] == [0, 0]
    assert np.load("resumed.npy").tolist() == np.load("losses.npy").tolist()
    assert Path("A.log").read_text().count("training from step") == 3


@pytest.mark.weekly
def test_recorder_needs_torch_and_numpy_alone(tmp_path):
    """Its record is whole, as the stored ones are."""
    for name in "tensorflow", "matplotlib", "IPython", "nbformat":
        (tmp_path / f"{name}.py").write_text(f"raise ModuleNotFoundError('no module named {name}')")
    bare = {"PYTHONPATH": str(tmp_path), "PATH": "", "OMP_NUM_THREADS": "1"}
    bare |= {"CUDA_VISIBLE_DEVICES": "", "TORCHINDUCTOR_CACHE_DIR": str(tmp_path / "cache")}
    command = [sys.executable, "-m", "benchmarks.record", str(tmp_path)]
    run = subprocess.run(command, cwd=ROOT, env=os.environ | bare, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert "No working C++ compiler" in run.stdout and "no TensorFlow here" in run.stdout
    (new,) = tmp_path.glob("*.json")
    for path in new, *(ROOT / "benchmarks" / "results").glob("*.json"):
        record = json.loads(path.read_text(encoding="utf-8"))
        assert record.keys() >= {"device", "driver", "threads", "versions", "date", "rates"}
        # Run everywhere; the others need a compiler, CUDA or TensorFlow.
        assert len(record["rungs"]) >= 9 and set(record["floors"]) == {"arithmetic", "memory"}
        for name, rung in record["rungs"].items():
            assert 0 < rung["low"] <= rung["median"] <= rung["high"], name
        for name, sizes in record["sizes"].items():
            for place in {"cpu", record["type"]}:
                assert len(record["sweeps"][name][place]) == len(sizes)
