"""The programs of *Distributed* when something goes wrong, and the recorder of *Speed*'s ladder.

That a killed worker's training goes on, and that every rung has the same curve, the notebooks
themselves say in outputs that are compared.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time

import numpy as np
import psutil
import pytest

from book.press import cells
from book.press.pages import ROOT
from tests.small_book import ends, left_in

RECORDS = sorted((ROOT / "benchmarks" / "results").glob("*.json"))
# Run everywhere; the others need a compiler, CUDA or TensorFlow.
RUNGS = {"NumPy", "torch by hand", "autograd", "nn, SGD for-loop", "nn, SGD foreach"}
RUNGS |= {"nn, SGD fused", "nn, no item()", "by hand, tight", "another algorithm"}


def cell(name):
    """The source of the cell of *Distributed* with this id."""
    code = cells.code_cells(cells.read(ROOT / "notebooks" / "distributed.ipynb"))
    return next(each["source"] for each in code if each["id"] == name)


@pytest.fixture
def programs(tmp_path):
    """A folder with the data and the programs that the notebook writes."""
    for name in "worker", "train", "resume":
        first, text = cell(name).split("\n", 1)
        assert first == f"%%writefile {name}.py"
        (tmp_path / f"{name}.py").write_text(text)
    data = "import numpy as np\n" + cell("data") + "\n" + cell("data-file").split("\n")[0]
    subprocess.run([sys.executable, "-c", data], cwd=tmp_path, check=True)
    return tmp_path


@pytest.mark.slow
def test_rank_that_cannot_join_ends_with_one_line(programs):
    who = {"RANK": "1", "WORLD_SIZE": "2", "LOCAL_RANK": "0", "LOCAL_WORLD_SIZE": "1"}
    who |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "1", "JOIN_SECONDS": "1"}
    who |= {"TORCH_CPP_LOG_LEVEL": "FATAL"}
    command = [sys.executable, "-c", "import worker\nworker.join()"]
    options = {"env": os.environ | who, "capture_output": True, "text": True, "timeout": 300}
    result = subprocess.run(command, cwd=programs, **options)
    assert result.stderr == "rank 1 of 2 cannot join: the others are not at 127.0.0.1:1\n"
    assert result.returncode == 1


@pytest.mark.slow
def test_unequal_shares_give_the_same_curve(programs):
    """Three processes have 21, 21 and 22 of the 64 rows."""
    code = "import os, subprocess, sys\n" + cell("torchrun")
    expected = None
    for count in 1, 3:
        run = f"{code}\ntorchrun('train.py', processes={count})"
        subprocess.run([sys.executable, "-c", run], cwd=programs, check=True, timeout=300)
        losses = np.load(programs / "losses.npy")
        if expected is not None:
            np.testing.assert_allclose(losses[:101], expected[:101], rtol=1e-5)
            np.testing.assert_allclose(losses[:201], expected[:201], rtol=1e-3)
        expected = losses


class Nodes:
    """Two agents of torchrun on the loopback, as on two machines with one disk: each starts one
    worker of resume.py, which nobody kills but the test."""

    def __init__(self, folder):
        self.folder, self.agents, self.port = folder, {}, free_port()
        (folder / "killed").touch()  # no worker kills itself
        text = (folder / "resume.py").read_text()
        text = text.replace("losses.append(loss.item())", "losses.append(loss.item())\n    note(t)")
        note = "time.sleep(0.02)\n    open(f'{rank}.at', 'w').write(f'{t} {os.getpid()}')"
        text = text.replace(
            "for t in range(first", f"def note(t):\n    {note}\n\nfor t in range(first"
        )
        (folder / "resume.py").write_text("import time\n" + text)
        self.env = {"OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"}
        self.env |= {"TORCH_CPP_LOG_LEVEL": "FATAL", "TORCH_DISABLE_SHARE_RDZV_TCP_STORE": "1"}

    def start(self, node):
        command = [sys.executable, "-m", "torch.distributed.run", "--nnodes=2"]
        command += ["--nproc-per-node=1", "--max-restarts=5", "--rdzv-backend=c10d"]
        command += [f"--rdzv-endpoint=127.0.0.1:{self.port}", "--rdzv-id=two"]
        command += [f"--rdzv-conf=is_host={int(node == 'A')}", "--local-addr=127.0.0.1"]
        log = open(self.folder / f"{node}.log", "ab")
        self.agents[node] = subprocess.Popen(
            [*command, "resume.py"],
            cwd=self.folder,
            env=os.environ | self.env,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )

    def wait_for(self, step):
        """Wait until both workers are at this step or beyond; returns their processes by rank."""
        end = time.monotonic() + 180
        while True:
            notes = [path.read_text().split() for path in sorted(self.folder.glob("?.at"))]
            if len(notes) == 2 and all(len(note) == 2 and int(note[0]) >= step for note in notes):
                return [int(pid) for _, pid in notes]
            logs = "".join(path.read_text()[-2000:] for path in self.folder.glob("?.log"))
            assert time.monotonic() < end, f"not at step {step}: {notes}\n{logs}"
            time.sleep(0.05)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.mark.weekly
@pytest.mark.skipif(sys.platform != "linux", reason="the loopback has another name")
def test_two_nodes_survive_a_worker_and_an_agent(programs):
    """A worker of the first node is killed, then one of the second, then the second's agent, which
    somebody starts again. The curve is that of a run in one piece."""
    code = "import os, subprocess, sys\n" + cell("torchrun") + "\ntorchrun('train.py')"
    subprocess.run([sys.executable, "-c", code], cwd=programs, check=True, timeout=300)
    undisturbed = np.load(programs / "losses.npy")
    nodes = Nodes(programs)
    try:
        for node in "A", "B":
            nodes.start(node)
        for rank, step in (0, 60), (1, 120):
            os.kill(nodes.wait_for(step)[rank], signal.SIGKILL)
        nodes.wait_for(170)
        machine = psutil.Process(nodes.agents["B"].pid)
        for each in [machine, *machine.children(recursive=True)]:  # all that ran on it
            each.kill()
        nodes.agents["B"].wait()
        nodes.start("B")
        for agent in nodes.agents.values():
            assert agent.wait(timeout=300) == 0, (programs / "A.log").read_text()[-3000:]
        assert np.load(programs / "resumed.npy").tolist() == undisturbed.tolist()
        assert (programs / "A.log").read_text().count("training from step") == 4
    finally:
        for each in left_in(programs):
            os.kill(each, signal.SIGKILL)


@pytest.mark.slow
def test_interruption_leaves_no_process(programs):
    """As when a reader interrupts the kernel while the group trains."""
    endless = (programs / "train.py").read_text().replace("range(500)", "range(10**9)")
    endless = endless.replace("losses.append(loss.item())", "open(f'{rank}.here', 'w').close()")
    (programs / "train.py").write_text(endless)
    code = "import os, signal, subprocess, sys\n" + cell("torchrun")
    # A shell in the background has what it starts ignore the signal.
    code += "\nsignal.signal(signal.SIGINT, signal.default_int_handler)\ntorchrun('train.py')"
    process = subprocess.Popen([sys.executable, "-c", code], cwd=programs, stderr=subprocess.PIPE)
    try:
        while len(list(programs.glob("?.here"))) < 2:
            assert process.poll() is None, process.stderr.read()
            time.sleep(0.1)
        assert len(left_in(programs)) >= 4  # this one, torchrun, and two workers
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        assert all(map(ends, left_in(programs)))
    finally:
        for each in left_in(programs):
            os.kill(each, signal.SIGKILL)


@pytest.mark.slow
def test_recorder_needs_torch_and_numpy_alone(tmp_path):
    """Without TensorFlow, Matplotlib, IPython and a compiler."""
    for name in "tensorflow", "matplotlib", "IPython", "nbformat":
        (tmp_path / "none" / name).mkdir(parents=True)
        text = f"raise ModuleNotFoundError('no module named {name}')"
        (tmp_path / "none" / name / "__init__.py").write_text(text)
    bare = {"PYTHONPATH": str(tmp_path / "none"), "PATH": "", "OMP_NUM_THREADS": "1"}
    bare |= {"CUDA_VISIBLE_DEVICES": "", "TORCHINDUCTOR_CACHE_DIR": str(tmp_path / "cache")}
    command = [sys.executable, "-m", "benchmarks.record", str(tmp_path)]
    run = subprocess.run(command, cwd=ROOT, env=os.environ | bare, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert re.search(
        "(?m)^torch.compile does not work here.*No working C\\+\\+ compiler", run.stdout
    )
    assert "no TensorFlow here" in run.stdout
    (path,) = tmp_path.glob("*.json")
    check_record(path)
    assert set(json.loads(path.read_text())["rungs"]) == RUNGS


def check_record(path):
    record = json.loads(path.read_text(encoding="utf-8"))
    assert set(record) >= {"device", "type", "driver", "threads", "versions", "date", "rates"}
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", record["date"])
    assert set(record["rungs"]) >= RUNGS
    for name, rung in record["rungs"].items():
        assert 0 < rung["low"] <= rung["median"] <= rung["high"], name
    assert set(record["floors"]) == {"arithmetic", "memory"}
    for name, sizes in record["sizes"].items():
        for place in {"cpu", record["type"]}:
            assert len(record["sweeps"][name][place]) == len(sizes)


@pytest.mark.parametrize("path", RECORDS, ids=[path.stem for path in RECORDS])
def test_record_is_whole(path):
    check_record(path)


def test_recorder_without_a_folder_records_nothing(tmp_path):
    command = [sys.executable, "-m", "benchmarks.record", str(tmp_path / "none")]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 1
    assert run.stderr.startswith("There is no folder")
