"""The printed numbers on other machines: each notebook runs with its rounding changed, and nbval
must find the same outputs.

Machines differ in the order in which they add up the terms of a matrix product, and so in the last
bits of the result; all else in a float32 training step is one rounding an element, the same
everywhere. So two things are varied, on the CPU:

- the last bit of every entry of every float32 matrix product is flipped, in NumPy, PyTorch and
  TensorFlow, forward and backward. Left alone are products with fewer than 10 terms an entry: those
  are toys of small whole numbers, exact in any order, and overflown entries;
- the libraries are told to take the code paths of older processors.

All take about four minutes on two cores, so pytest collects this file only where it is named:
make faults, or pytest tests/faults/rounding.py -k 03_autograd
"""

import ast
import builtins
import json
import os
import platform
import subprocess
import sys
import warnings
from pathlib import Path

import nbformat
import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("0[1-9]_*.ipynb"))  # chapter 10 on measures time
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

notebooks = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
code_paths = pytest.mark.parametrize("name", CODE_PATHS)
x86 = pytest.mark.skipif(
    platform.machine() not in ("x86_64", "AMD64"), reason="these are settings for x86 processors"
)


def perturb(shell, bit):
    """Flip this bit, 0 for the last, in the products of IPython's `shell`; None flips nothing."""
    flip = 1 << bit if bit is not None else 0

    def flip_numpy(result):
        flipped = (result.view(np.int32) ^ np.int32(flip)).view(np.float32)
        return np.where(np.isfinite(result), flipped, result)

    def product(a, b):
        result = a @ b
        if getattr(result, "dtype", None) == "float32" and b.shape[0] >= 10:
            result = flip_numpy(result)
        return result

    class Products(ast.NodeTransformer):
        def visit_BinOp(self, node):
            self.generic_visit(node)
            if isinstance(node.op, ast.MatMult):
                function = ast.Name("_product", ast.Load())
                node = ast.fix_missing_locations(
                    ast.copy_location(ast.Call(function, [node.left, node.right], []), node)
                )
            return node

    builtins._product = product  # an array's own `@` cannot be replaced
    shell.ast_transformers.append(Products())
    patches = {"torch": perturb_torch, "tensorflow": perturb_tensorflow}

    def patch_what_was_imported(result):
        for name in sys.modules.keys() & patches.keys():
            patches.pop(name)(sys.modules[name], flip)

    shell.events.register("post_run_cell", patch_what_was_imported)


def perturb_torch(torch, flip):
    def flipping(original):
        def product(*args, **options):
            result = original(*args, **options, out=args[-2].new_empty(0))
            if result.dtype == torch.float32 and args[-1].shape[-2] >= 10:
                flipped = (result.view(torch.int32) ^ flip).view(torch.float32)
                result = torch.where(result.isfinite(), flipped, result)
            return result

        return product

    torch.accelerator.is_available = lambda: False
    perturb_torch.library = torch.library.Library("aten", "IMPL")  # in force as long as it is kept
    for name in "mm", "addmm", "bmm":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the kernel that was there before
            kernel = flipping(getattr(torch.ops.aten, name).out)
            perturb_torch.library.impl(name, kernel, "CPU")


def perturb_tensorflow(tf, flip):
    from tensorflow.python.ops import gen_math_ops  # forward and backward call its mat_mul

    tf.config.set_visible_devices([], "GPU")
    original = gen_math_ops.mat_mul

    def product(*args, **options):
        result = original(*args, **options)
        flipped = tf.bitcast(tf.bitwise.bitwise_xor(tf.bitcast(result, tf.int32), flip), tf.float32)
        return result + tf.stop_gradient(flipped - result)

    gen_math_ops.mat_mul = product


def environment(folder, bit=None, variables=None):
    """The environment variables for kernels with this bit flipped; `folder` will hold their
    start-up file."""
    startup = folder / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "perturb.py").write_text(
        f"import sys\nsys.path.append({str(Path(__file__).parent)!r})\n"
        f"from rounding import perturb\nperturb(get_ipython(), {bit})\n"
        "sys.path.pop()\ndel sys, perturb\n"
    )
    ours = {key: os.environ[key] for key in os.environ if not key.startswith("PYTEST")}
    hidden = {"CUDA_VISIBLE_DEVICES": "-1", "HIP_VISIBLE_DEVICES": "-1"}
    return ours | hidden | {"IPYTHONDIR": str(folder)} | (variables or {})


def compare(path, env, *options):
    """Run the notebook; returns nbval's exit status and what it said."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--nbval"]
    command += ["--nbval-current-env", "--nbval-cell-timeout=600", *options, str(path)]
    run = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    return run.returncode, run.stdout + run.stderr


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
    from execute import Run  # here, because the kernels import this file too

    imports = "import json\nimport numpy as np\nimport tensorflow as tf\nimport torch\n"
    cells = [imports, "rng = np.random.default_rng(0)", PROBE]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    run = Run(notebook, ROOT / "probe.ipynb")
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
    for path in NOTEBOOKS:
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "code":
                nodes = ast.walk(ast.parse(cell.source))
                names = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
                assert not names & others, f"{path.name}, cell {cell.id}"


@x86
def test_code_paths_are_taken(unchanged, tmp_path):
    oldest, products = probe(environment(tmp_path / "oldest", variables=OLDEST))
    assert oldest == "DEFAULT"
    for library in "numpy", "torch mm", "tf":
        assert np.any(unchanged[library] != products[library]), (
            f"{library} rounds as on any processor"
        )
    assert probe(environment(tmp_path / "avx2", variables=AVX2))[0] == "AVX2"


@notebooks
def test_outputs_do_not_depend_on_the_last_bit(path, tmp_path):
    code, said = compare(path, environment(tmp_path, bit=0))
    assert code == 0, said


@x86
@code_paths
@notebooks
def test_outputs_do_not_depend_on_the_code_path(path, name, tmp_path):
    code, said = compare(path, environment(tmp_path, variables=CODE_PATHS[name]))
    assert code == 0, said


@notebooks
def test_a_larger_change_is_noticed(path, tmp_path):
    """Bit 13 of 23, about one part in a thousand: the first cell to fail is a training loop."""
    code, said = compare(path, environment(tmp_path, bit=13), "--exitfirst")
    assert code == 1 and "for t in range(500)" in said, said
