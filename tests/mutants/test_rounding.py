"""The printed numbers on other machines: each stage, and the chapter that trains on real data, runs
with its rounding changed, and must give the same outputs; and other ones when a thousandth is
changed.

Machines add up the terms of a matrix product in different orders, and so differ in its last bits;
all else in a float32 training step is one rounding an element, the same everywhere. So, on the CPU,
the last bit of every entry of every float32 matrix product is flipped, in NumPy, PyTorch and
TensorFlow, forward and backward. Left alone are products with fewer than 10 terms an entry: those
are toys of small whole numbers, exact in any order, and overflown entries. And the libraries are
told to take the code paths of older processors. All of it once a week.
"""

import platform
from pathlib import Path

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
TRAINING = [*pages.stages(), pages.find_file("notebooks/own_data")]
BITS = [(path, 0) for path in TRAINING] + [(path, 13) for path in pages.stages()]
BITS = [in_group(each, each[0].stem, f"{each[0].stem}-{each[1]}") for each in BITS]


def cell(name, source):
    return {"id": name, "source": source, "metadata": {}, "outputs": []}


def flip(bit):
    """A cell that has this bit flipped in the products of those that follow."""
    source = f"space = {{}}\nexec({PERTURB!r}, space)\n"
    return cell("flip", f"{source}space['perturb'](get_ipython(), {bit})\ndel space")


@pytest.mark.weekly
@pytest.mark.parametrize("case", BITS)
def test_outputs_show_a_thousandth_and_not_the_last_bit(case, prover):
    """Bit 13 of 23 is about one part in a thousand. The numbers of the training loop show it, or,
    where that loop draws its depth, the comparison with stage 1."""
    path, bit = case
    cell = cells.find(path, "check" if path == pages.stages()[-1] else "train")["id"]
    code = cells.code_cells(cells.read(path))
    if bit:  # the loop needs nothing that was measured
        code = [each for each in code if not {"measured", "bounds"} & {*cells.tags(each)}]
    catches = prover(path, ON_THE_CPU).run([flip(bit), *code], last=cell)
    assert [catch.cell for catch in catches] == [cell] * (bit == 13), catches


@pytest.mark.weekly
@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="no x86 processor")
@pytest.mark.parametrize("name", CODE_PATHS)
@pytest.mark.parametrize("path", TRAINING, ids=lambda path: path.stem)
def test_outputs_do_not_depend_on_the_code_path(path, name, prover):
    taken = f"import torch\nassert torch.backends.cpu.get_cpu_capability() == {name!r}\ndel torch"
    code = [cell("taken", taken), *cells.code_cells(cells.read(path))]
    assert prover(path, ON_THE_CPU | CODE_PATHS[name]).run(code) == []
