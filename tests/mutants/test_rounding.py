"""The printed numbers on other machines: each stage, and the chapter that trains on real data, runs
with its rounding changed, and must give the same outputs.

Machines differ in the order in which they add up the terms of a matrix product, and so in the last
bits of the result; all else in a float32 training step is one rounding an element, the same
everywhere. So two things are varied, on the CPU:

- the last bit of every entry of every float32 matrix product is flipped, in NumPy, PyTorch and
  TensorFlow, forward and backward. Left alone are products with fewer than 10 terms an entry: those
  are toys of small whole numbers, exact in any order, and overflown entries;
- the libraries are told to take the code paths of older processors, once a week.

Some of them: pytest tests/mutants -k 03_autograd
"""

import ast
import platform
from pathlib import Path

import numpy as np
import pytest

from book.press import cells, pages
from tests.proofs import ON_THE_CPU, in_group

HERE = Path(__file__).resolve().parent

OLDEST = {
    "ATEN_CPU_CAPABILITY": "default",  # PyTorch's own kernels, without AVX
    "MKL_CBWR": "COMPATIBLE",  # PyTorch's matrix products
    "ONEDNN_MAX_CPU_ISA": "SSE41",
    "OPENBLAS_CORETYPE": "Nehalem",  # NumPy's
    "TF_ENABLE_ONEDNN_OPTS": "0",  # Eigen's products instead of oneDNN's
}
AVX2 = {
    "ATEN_CPU_CAPABILITY": "avx2",
    "MKL_CBWR": "AVX2",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "OPENBLAS_CORETYPE": "Haswell",
}
CODE_PATHS = {"oldest": OLDEST, "avx2": AVX2}

OWN_DATA = [path for path in pages.chapters() if path.stem == "own_data"]
(WITH_BOTH,) = [path for path in pages.stages() if "import tensorflow" in path.read_text("utf-8")]
STAGES = [in_group(path, path.stem, path.stem) for path in pages.stages()]
stages = pytest.mark.parametrize("path", STAGES)
training = pytest.mark.parametrize(
    "path", STAGES + [in_group(path, path.stem, path.stem) for path in OWN_DATA]
)
code_paths = pytest.mark.parametrize("name", CODE_PATHS)
x86 = pytest.mark.skipif(
    platform.machine() not in ("x86_64", "AMD64"), reason="these are settings for x86 processors"
)


def flip(bit):
    """A cell that has this bit flipped in the products of those that follow."""
    source = (
        f"import sys\nsys.path.append({str(HERE)!r})\n"
        f"from perturb import perturb\nperturb(get_ipython(), {bit})\n"
        "sys.path.pop()\ndel sys, perturb\n"
    )
    return {"id": "flip", "source": source, "metadata": {}, "outputs": []}


PROBE = """
import numpy as np
import tensorflow as tf
import torch

rng = np.random.default_rng(0)
x_np, w_np = (rng.standard_normal(shape, np.float32) for shape in ((12, 1000), (1000, 11)))
upstream = rng.standard_normal((12, 11), np.float32)
found = {"numpy": x_np @ w_np, "numpy, 3 terms": x_np[:, :3] @ w_np[:3]}

x, w = torch.tensor(x_np, requires_grad=True), torch.tensor(w_np, requires_grad=True)
found |= {"torch mm": x.mm(w), "torch @": x @ w, "torch, 3 terms": x[:, :3] @ w[:3]}
found["torch einsum"] = torch.einsum("ij,jk->ik", x, w)
found["torch linear"] = torch.nn.functional.linear(x, w.t())
found["torch bias"] = torch.nn.functional.linear(x, w.t(), torch.ones(11))
found["torch grad x"], found["torch grad w"] = torch.autograd.grad(
    x.mm(w), [x, w], torch.tensor(upstream)
)
found = {name: getattr(array, "detach", lambda: array)() for name, array in found.items()}

with tf.Graph().as_default(), tf.compat.v1.Session() as session:
    x = tf.compat.v1.placeholder(tf.float32, x_np.shape)
    w = tf.compat.v1.placeholder(tf.float32, w_np.shape)
    product = tf.matmul(x, w)
    nodes = [product, *tf.gradients(product, [x, w], upstream)]
    arrays = session.run(nodes, {x: x_np, w: w_np})
found |= zip(["tf", "tf grad x", "tf grad w"], arrays)

found["processor"] = torch.backends.cpu.get_cpu_capability()
np.savez("BITS", **found)
"""


def probe(prover, bits, first=(), variables=ON_THE_CPU):
    """PyTorch's name for the processor, and the bits of some products by their names: they pass
    through the file `bits`. The cells `first` run before."""
    source = PROBE.replace("BITS", str(bits))
    cell = {"id": "probe", "source": source, "metadata": {}, "outputs": []}
    assert prover(WITH_BOTH, variables).run([*first, cell]) == []
    found = dict(np.load(bits))
    return found.pop("processor"), {name: found[name].view(np.int32) for name in found}


@pytest.fixture
def unchanged(prover, tmp_path):
    """The bits of the products as this machine computes them."""
    return probe(prover, tmp_path / "unchanged.npz")[1]


@pytest.mark.parametrize("bit", [0, 13])
@pytest.mark.xdist_group(WITH_BOTH.stem)
def test_products_differ_in_one_bit(bit, unchanged, prover, tmp_path):
    _, flipped = probe(prover, tmp_path / "flipped.npz", [flip(bit)])
    for name, bits in unchanged.items():
        expected = 0 if "3 terms" in name else 1 << bit
        assert np.all(bits ^ flipped[name] == expected), name


def test_notebooks_have_no_other_products():
    """The code of all notebooks against NumPy's and PyTorch's names of products."""
    others = "dot vdot vecdot inner outer tensordot matvec vecmat mv addmv addmm bmm baddbmm"
    others = {*others.split(), "chain_matmul", "multi_dot"}
    for path in pages.stages():
        for cell in cells.code_cells(cells.read(path)):
            nodes = ast.walk(ast.parse(cell["source"]))
            names = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
            assert not names & others, f"{path.name}, cell {cell['id']}"


@x86
@pytest.mark.weekly
def test_code_paths_are_taken(unchanged, prover, tmp_path):
    oldest, products = probe(prover, tmp_path / "oldest.npz", variables=ON_THE_CPU | OLDEST)
    assert oldest == "DEFAULT"
    for library in "numpy", "torch mm", "tf":
        assert np.any(unchanged[library] != products[library]), (
            f"{library} rounds as on any processor"
        )
    assert probe(prover, tmp_path / "avx2.npz", variables=ON_THE_CPU | AVX2)[0] == "AVX2"


def assert_same_outputs(proven, prover, path, first=(), variables=ON_THE_CPU):
    """Run the notebook with these variables, and after the cells `first`: nothing is caught."""

    def prove():
        assert prover(path, variables).run([*first, *cells.code_cells(cells.read(path))]) == []
        return ""

    proven(path, [first, variables, (HERE / "perturb.py").read_text()], prove)


@training
def test_outputs_do_not_depend_on_the_last_bit(path, proven, prover):
    assert_same_outputs(proven, prover, path, [flip(0)])


@x86
@pytest.mark.weekly
@code_paths
@training
def test_outputs_do_not_depend_on_the_code_path(path, name, proven, prover):
    assert_same_outputs(proven, prover, path, variables=ON_THE_CPU | CODE_PATHS[name])


@stages
def test_a_larger_change_is_noticed(path, proven, prover):
    """Bit 13 of 23, about one part in a thousand, by the numbers of the training loop, or, where
    that loop draws its depth, by the comparison with stage 1."""
    code = cells.code_cells(cells.read(path))
    loop, check = (cells.code_cells(cells.read(path), tag)[0]["id"] for tag in ("train", "check"))
    expected = (loop, "output") if path != pages.stages()[-1] else (check, "check")

    def prove():
        catches = prover(path, ON_THE_CPU).run([flip(13), *code], last=expected[0])
        assert catches and catches[0][:2] == expected, catches
        return ""

    proven(path, (HERE / "perturb.py").read_text(), prove)
