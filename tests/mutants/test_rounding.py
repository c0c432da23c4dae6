"""The printed numbers on other machines: each stage, and the chapter that trains on real data, runs
with its rounding changed, and must give the same outputs.

Machines add up the terms of a matrix product in different orders, and so differ in its last bits;
all else in a float32 training step is one rounding an element, the same everywhere. So, on the CPU,
the last bit of every entry of every float32 matrix product is flipped, in NumPy, PyTorch and
TensorFlow, forward and backward. Left alone are products with fewer than 10 terms an entry: those
are toys of small whole numbers, exact in any order, and overflown entries. Once a week, the
libraries are told to take the code paths of older processors.
"""

import platform
from pathlib import Path

import numpy as np
import pytest

from book.press import cells, pages
from tests.proofs import ON_THE_CPU, in_group

CODE_PATHS = {  # by PyTorch's names for the processor
    "DEFAULT": {
        "ATEN_CPU_CAPABILITY": "default",  # PyTorch's own kernels, without AVX
        "MKL_CBWR": "COMPATIBLE",  # PyTorch's matrix products
        "ONEDNN_MAX_CPU_ISA": "SSE41",
        "OPENBLAS_CORETYPE": "Nehalem",  # NumPy's
        "TF_ENABLE_ONEDNN_OPTS": "0",  # Eigen's products instead of oneDNN's
    },
    "AVX2": {
        "ATEN_CPU_CAPABILITY": "avx2",
        "MKL_CBWR": "AVX2",
        "ONEDNN_MAX_CPU_ISA": "AVX2",
        "OPENBLAS_CORETYPE": "Haswell",
    },
}
PERTURB = Path(__file__).with_name("perturb.py").read_text("utf-8")
(WITH_BOTH,) = [path for path in pages.stages() if "import tensorflow" in path.read_text("utf-8")]
TRAINING = [*pages.stages(), pages.find_file("notebooks/own_data")]
BITS = [(path, 0) for path in TRAINING] + [(path, 13) for path in pages.stages()]
BITS = [in_group(each, each[0].stem, f"{each[0].stem}-{each[1]}") for each in BITS]


def cell(name, source):
    return {"id": name, "source": source, "metadata": {}, "outputs": []}


def flip(bit):
    """A cell that has this bit flipped in the products of those that follow."""
    source = f"space = {{}}\nexec({PERTURB!r}, space)\n"
    return cell("flip", f"{source}space['perturb'](get_ipython(), {bit})\ndel space")


PROBE = """
import numpy as np
import tensorflow as tf
import torch
rng = np.random.default_rng(0)
x_np, w_np = (rng.standard_normal(shape, np.float32) for shape in ((12, 1000), (1000, 11)))
found = {"numpy": x_np @ w_np, "numpy, 3 terms": x_np[:, :3] @ w_np[:3]}
x, w = torch.tensor(x_np, requires_grad=True), torch.tensor(w_np, requires_grad=True)
y = x @ w
grad_x, grad_w = torch.autograd.grad(y.sum(), [x, w])
found |= {"torch": y, "torch mm": x.mm(w), "torch, 3 terms": x[:, :3] @ w[:3]}
found |= {"torch bias": torch.nn.functional.linear(x, w.t(), torch.ones(11))}
found |= {"torch grad x": grad_x, "torch grad w": grad_w}
found = {name: torch.as_tensor(array).detach() for name, array in found.items()}
with tf.Graph().as_default(), tf.compat.v1.Session() as session:
    x, w = tf.constant(x_np), tf.constant(w_np)
    y = tf.matmul(x, w)
    found |= zip(["tf", "tf grad x", "tf grad w"], session.run([y, *tf.gradients(y, [x, w])]))
np.savez("BITS", **found)
"""


def probe(prover, file, *first):
    """The bits of some products by their names. The cells `first` run before."""
    code = [*first, cell("probe", PROBE.replace("BITS", str(file)))]
    assert prover(WITH_BOTH, ON_THE_CPU).run(code) == []
    return {name: product.view(np.int32) for name, product in np.load(file).items()}


@pytest.mark.parametrize("bit", [0, 13])
@pytest.mark.xdist_group(WITH_BOTH.stem)
def test_products_differ_in_one_bit(bit, prover, tmp_path):
    flipped = probe(prover, tmp_path / "flipped.npz", flip(bit))
    for name, bits in probe(prover, tmp_path / "unchanged.npz").items():
        expected = 0 if "3 terms" in name else 1 << bit
        assert np.all(bits ^ flipped[name] == expected), name


@pytest.mark.parametrize("case", BITS)
def test_outputs_show_a_thousandth_and_not_the_last_bit(case, proven, prover):
    """Bit 13 of 23 is about one part in a thousand. The numbers of the training loop show it, or,
    where that loop draws its depth, the comparison with stage 1."""
    path, bit = case

    def prove():
        cell = cells.find(path, "check" if path == pages.stages()[-1] else "train")["id"]
        code = [flip(bit), *cells.code_cells(cells.read(path))]
        catches = prover(path, ON_THE_CPU).run(code, last=cell)
        assert [catch.cell for catch in catches] == [cell] * (bit == 13), catches
        return ""

    proven(path, PERTURB, prove)


@pytest.mark.weekly
@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="no x86 processor")
@pytest.mark.parametrize("name", CODE_PATHS)
@pytest.mark.parametrize("path", TRAINING, ids=lambda path: path.stem)
def test_outputs_do_not_depend_on_the_code_path(path, name, prover):
    taken = f"import torch\nassert torch.backends.cpu.get_cpu_capability() == {name!r}\ndel torch"
    code = [cell("taken", taken), *cells.code_cells(cells.read(path))]
    assert prover(path, ON_THE_CPU | CODE_PATHS[name]).run(code) == []
