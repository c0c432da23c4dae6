"""Stage 1's hand-written gradients on random small networks, in float64, against
autograd, away from ReLU's kink and on it.

The lines are those of stage 1's training loop, taken from its notebook. A network is a dictionary
of the arrays x (N, D_in), y (N, D_out), w1 (D_in, H) and w2 (H, D_out).
"""

import ast
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from book.press import cells, pages

pytestmark = pytest.mark.slow
GRADIENTS = ["grad_y_pred", "grad_w2", "grad_h_relu", "grad_h", "grad_w1"]


@cache
def lines_of_the_loop():
    """The forward and the backward lines of stage 1's loop, as a piece of code."""
    stage = pages.stages()[0]
    source = cells.find(stage, "train")["source"]
    (loop,) = [node for node in ast.parse(source).body if isinstance(node, ast.For)]
    lines = [line for line in loop.body if isinstance(line, ast.Assign)]
    # grad_h[h < 0] = 0 is a line about grad_h
    names = [ast.unparse(line.targets[0]).partition("[")[0] for line in lines]
    assert list(dict.fromkeys(names)) == ["h", "h_relu", "y_pred", "loss", *GRADIENTS]
    return compile(ast.Module(lines, []), stage.name, "exec")


def by_autograd(network):
    """The five gradients by PyTorch, where the ReLU has slope 1 at its kink, as in stage 1."""
    import torch  # here, or `make check` would wait for it

    x, y, w1, w2 = (torch.tensor(network[name], requires_grad=True) for name in network)
    h = x.mm(w1)
    h_relu = torch.where(h < 0, 0, h)
    y_pred = h_relu.mm(w2)
    gradients = torch.autograd.grad((y_pred - y).pow(2).sum(), [y_pred, w2, h_relu, h, w1])
    return {name: gradient.numpy() for name, gradient in zip(GRADIENTS, gradients, strict=True)}


@st.composite
def networks(draw):
    """Networks with sizes from 1 to 5, made of quarters, and with a unit whose weights are 0."""
    N, D_in, H, D_out = (draw(st.integers(1, 5)) for _ in range(4))
    shapes = {"x": (N, D_in), "y": (N, D_out), "w1": (D_in, H), "w2": (H, D_out)}
    quarters = st.integers(-8, 8).map(lambda number: number / 4)
    # without `fill` most entries of an array would be one number
    network = {
        name: draw(arrays(float, shape, elements=quarters, fill=st.nothing()))
        for name, shape in shapes.items()
    }
    network["w1"][:, draw(st.integers(0, H - 1))] = 0
    return network


# The same networks in every run, so that a red test means that a line has changed.
@settings(derandomize=True, database=None, deadline=None, max_examples=300)
@given(networks())
def test_gradients(network):
    """Quarters multiply and add up exactly: h is exactly 0 for that unit, here and there by chance,
    and nothing is rounded. At 0 any slope from 0 to 1 is right; stage 1's mask `h < 0` has 1."""
    found = {"np": np, **network}
    exec(lines_of_the_loop(), found)
    for name, expected in by_autograd(network).items():
        assert np.array_equal(found[name], expected), name
