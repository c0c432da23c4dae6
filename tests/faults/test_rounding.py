"""The printed numbers on other machines: each stage, and the chapter that trains on real data, runs
with its rounding changed, and must give the same outputs.

Machines differ in the order in which they add up the terms of a matrix product, and so in the last
bits of the result; all else in a float32 training step is one rounding an element, the same
everywhere. So two things are varied, on the CPU:

- the last bit of every entry of every float32 matrix product is flipped, in NumPy, PyTorch and
  TensorFlow, forward and backward. Left alone are products with fewer than 10 terms an entry: those
  are toys of small whole numbers, exact in any order, and overflown entries;
- the libraries are told to take the code paths of older processors.

All take about four minutes on two cores; some of them: pytest tests/faults -k 03_autograd
"""

import ast
import json
import platform
import subprocess
from pathlib import Path

import cells
import nbformat
import numpy as np
import pages
import pytest
from kernels import Run
from running import execute

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

stages = pytest.mark.parametrize("path", pages.stages(), ids=lambda path: path.stem)
TRAINING = [*pages.stages(), pages.ROOT / "notebooks" / "10_own_data.ipynb"]
training = pytest.mark.parametrize("path", TRAINING, ids=lambda path: path.stem)
code_paths = pytest.mark.parametrize("name", CODE_PATHS)
x86 = pytest.mark.skipif(
    platform.machine() not in ("x86_64", "AMD64"), reason="these are settings for x86 processors"
)


def environment(folder, bit=None, variables=None):
    """The environment variables for kernels with this bit flipped; `folder` will hold their
    start-up file."""
    startup = folder / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "start.py").write_text(
        f"import sys\nsys.path.append({str(Path(__file__).parent)!r})\n"
        f"from perturb import perturb\nperturb(get_ipython(), {bit})\n"
        "sys.path.pop()\ndel sys, perturb\n"
    )
    hidden = {"CUDA_VISIBLE_DEVICES": "-1", "HIP_VISIBLE_DEVICES": "-1"}
    return hidden | {"IPYTHONDIR": str(folder)} | (variables or {})


PROBE = """
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

bits = {name: np.asarray(array).view(np.int32).tolist() for name, array in found.items()}
print(json.dumps([torch.backends.cpu.get_cpu_capability(), bits]))
"""


def probe(env):
    """PyTorch's name for the processor, and the bits of some products by their names."""
    imports = "import json\nimport numpy as np\nimport tensorflow as tf\nimport torch\n"
    sources = [imports, "rng = np.random.default_rng(0)", PROBE]
    code = [nbformat.v4.new_code_cell(source) for source in sources]
    notebook = nbformat.v4.new_notebook(cells=code)
    run = Run(notebook, pages.ROOT / "probe.ipynb")
    run.coalesce_streams = False  # in a line as long as this one, nbclient would search for hours
    run.execute(env=env, stderr=subprocess.DEVNULL)
    (printed,) = [each.text for each in notebook.cells[-1].outputs if each.name == "stdout"]
    processor, bits = json.loads(printed)
    return processor, {name: np.array(value) for name, value in bits.items()}


@pytest.fixture(scope="module")
def unchanged(tmp_path_factory):
    """The bits of the products as this machine computes them."""
    return probe(environment(tmp_path_factory.mktemp("unchanged")))[1]


@pytest.mark.parametrize("bit", [0, 13])
def test_products_differ_in_one_bit(bit, unchanged, tmp_path):
    _, flipped = probe(environment(tmp_path, bit=bit))
    for name, bits in unchanged.items():
        flip = 0 if "3 terms" in name else 1 << bit
        assert np.all(bits ^ flipped[name] == flip), name


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
def test_code_paths_are_taken(unchanged, tmp_path):
    oldest, products = probe(environment(tmp_path / "oldest", variables=OLDEST))
    assert oldest == "DEFAULT"
    for library in "numpy", "torch mm", "tf":
        assert np.any(unchanged[library] != products[library]), (
            f"{library} rounds as on any processor"
        )
    assert probe(environment(tmp_path / "avx2", variables=AVX2))[0] == "AVX2"


def run(path, env, last=None):
    """Run the stage with these variables; returns what was caught, a line each."""
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    return list(map(str, execute(notebook, path, env, last)))


@training
def test_outputs_do_not_depend_on_the_last_bit(path, tmp_path):
    assert run(path, environment(tmp_path, bit=0)) == []


@x86
@code_paths
@training
def test_outputs_do_not_depend_on_the_code_path(path, name, tmp_path):
    assert run(path, environment(tmp_path, variables=CODE_PATHS[name])) == []


@stages
def test_a_larger_change_is_noticed(path, tmp_path):
    """Bit 13 of 23, about one part in a thousand, by the numbers of the training loop, or, where
    that loop draws its depth, by the comparison with stage 1."""
    loop, check = (cells.code_cells(cells.read(path), tag)[0]["id"] for tag in ("train", "check"))
    caught = run(path, environment(tmp_path, bit=13), last=loop)
    first = f"cell {loop} (output)" if path != pages.stages()[-1] else f"cell {check} (check)"
    assert [line.split(":")[0] for line in caught[:1]] == [first]
