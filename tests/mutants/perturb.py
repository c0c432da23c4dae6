"""Flips a bit of every matrix product in the cells that follow: test_rounding.py says why."""

import ast
import builtins
import sys
import warnings
from functools import partial

import numpy as np


class Products(ast.NodeTransformer):
    """Has each `a @ b` call _product: an array's own `@` cannot be replaced."""

    def visit_BinOp(self, node):
        self.generic_visit(node)
        if not isinstance(node.op, ast.MatMult):
            return node
        call = ast.Call(ast.Name("_product", ast.Load()), [node.left, node.right], [])
        return ast.fix_missing_locations(ast.copy_location(call, node))


def perturb(shell, bit):
    """Flip this bit, 0 for the last, in IPython's `shell` and the libraries that are imported."""

    def product(a, b):
        result = a @ b
        if getattr(result, "dtype", None) != "float32" or b.shape[0] < 10:
            return result
        flipped = (result.view(np.int32) ^ np.int32(1 << bit)).view(np.float32)
        return np.where(np.isfinite(result), flipped, result)

    builtins._product = product
    shell.ast_transformers.append(Products())
    for name, perturb_library in ("torch", perturb_torch), ("tensorflow", perturb_tensorflow):
        if name in sys.modules:
            perturb_library(sys.modules[name], 1 << bit)


def perturb_torch(torch, flip):
    def product(original, *args, **options):
        result = original(*args, **options, out=args[-2].new_empty(0))
        if result.dtype != torch.float32 or args[-1].shape[-2] < 10:
            return result
        flipped = (result.view(torch.int32) ^ flip).view(torch.float32)
        return torch.where(result.isfinite(), flipped, result)

    torch.accelerator.is_available = lambda: False
    perturb_torch.library = torch.library.Library("aten", "IMPL")  # in force as long as it is kept
    warnings.filterwarnings("ignore", "Warning only once for all operators")
    for name in "mm", "addmm", "bmm":
        kernel = partial(product, getattr(torch.ops.aten, name).out)
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
