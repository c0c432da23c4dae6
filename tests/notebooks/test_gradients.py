"""Stage 1's hand-written gradients on random small networks, in float64: against autograd and
against central differences, away from ReLU's kink and on it.

The lines are those of stage 1's training loop, taken from its notebook. A network is a dictionary
of the arrays x (N, D_in), y (N, D_out), w1 (D_in, H) and w2 (H, D_out).
"""

import ast
from functools import cache

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from book.press import cells, pages

pytestmark = pytest.mark.slow
FORWARD = ["h", "h_relu", "y_pred", "loss"]
GRADIENTS = ["grad_y_pred", "grad_w2", "grad_h_relu", "grad_h", "grad_w1"]

# The same networks in every run, so that a red test means that a line has changed.
repeatably = settings(derandomize=True, database=None, deadline=None, max_examples=300)


@cache
def lines_of_the_loop():
    """The forward and the backward lines of stage 1's loop, each as a piece of code."""
    stage = pages.stages()[0]
    source = cells.find(stage, "train")["source"]
    (loop,) = [node for node in ast.parse(source).body if isinstance(node, ast.For)]
    lines = [line for line in loop.body if isinstance(line, ast.Assign)]
    # grad_h[h < 0] = 0 is a line about grad_h
    names = [ast.unparse(line.targets[0]).partition("[")[0] for line in lines]
    assert list(dict.fromkeys(names)) == FORWARD + GRADIENTS
    parts = lines[: len(FORWARD)], lines[len(FORWARD) :]
    return [compile(ast.Module(part, []), stage.name, "exec") for part in parts]


def by_hand(network):
    """All that stage 1's lines compute, by its name there."""
    names = {"np": np, **network}
    for lines in lines_of_the_loop():
        exec(lines, names)
    return names


def by_autograd(network, relu=lambda h: h.relu()):
    """The five gradients by PyTorch; `relu` is a function of h."""
    import torch  # here, or `make check` would wait for it

    x, y, w1, w2 = (torch.tensor(network[name], requires_grad=True) for name in network)
    h = x.mm(w1)
    h_relu = relu(h)
    y_pred = h_relu.mm(w2)
    gradients = torch.autograd.grad((y_pred - y).pow(2).sum(), [y_pred, w2, h_relu, h, w1])
    return {name: gradient.numpy() for name, gradient in zip(GRADIENTS, gradients, strict=True)}


def by_central_differences(network, name, epsilon):
    """The gradient with respect to w1 or w2: each weight nudged by `epsilon`, up and down."""
    forward, _ = lines_of_the_loop()
    gradient = np.empty_like(network[name])
    for place in np.ndindex(gradient.shape):
        losses = []
        for nudge in epsilon, -epsilon:
            nudged = {"np": np, **network, name: network[name].copy()}
            nudged[name][place] += nudge
            exec(forward, nudged)
            losses.append(nudged["loss"])
        gradient[place] = (losses[0] - losses[1]) / (2 * epsilon)
    return gradient


def assert_close(found, expected, tolerance):
    """They differ by `tolerance` times the largest entry at most, where that is above 1."""
    assert found.shape == expected.shape
    scale = max(1, np.abs(found).max(), np.abs(expected).max())
    assert np.abs(found - expected).max() <= tolerance * scale


@st.composite
def networks(draw, numbers):
    """Networks with sizes from 1 to 5, made of these numbers."""
    N, D_in, H, D_out = (draw(st.integers(1, 5)) for _ in range(4))
    shapes = {"x": (N, D_in), "y": (N, D_out), "w1": (D_in, H), "w2": (H, D_out)}
    # without `fill` most entries of an array would be one number
    return {
        name: draw(arrays(float, shape, elements=numbers, fill=st.nothing()))
        for name, shape in shapes.items()
    }


@repeatably
@given(networks(st.floats(-2, 2)))
def test_gradients_away_from_the_kink(network):
    """With every h further than 0.01 from 0. A nudge of 0.001 moves it by 0.002 at most, so the
    loss is a parabola in the nudged weight, and a central difference is exact but for rounding."""
    found = by_hand(network)
    assume(np.abs(found["h"]).min() > 0.01)
    expected = by_autograd(network)
    for name in GRADIENTS:
        assert_close(found[name], expected[name], 1e-13)
    for name in "w1", "w2":
        difference = by_central_differences(network, name, epsilon=1e-3)
        assert_close(found[f"grad_{name}"], difference, 1e-10)


@repeatably
@given(networks(st.integers(-8, 8).map(lambda number: number / 4)), st.data())
def test_gradients_on_the_kink(network, data):
    """Quarters multiply and add up exactly, so h is exactly 0 for a unit whose weights are 0, and
    here and there by chance. Any slope from 0 to 1 is right there, and each way has its own:
    stage 1's mask `h < 0` passes the gradient (1), torch.relu stops it (0), torch.maximum halves
    it, and so does a central difference, half of whose nudges open the unit."""
    unit = data.draw(st.integers(0, network["w1"].shape[1] - 1))
    network["w1"][:, unit] = 0
    found = by_hand(network)
    h, x = found["h"], network["x"]
    assert np.all(h[:, unit] == 0)
    assume(np.any(x.T @ found["grad_h_relu"][:, unit]))  # or no slope would make a difference

    def grad_w1(slope):
        return x.T @ (np.where(h == 0, slope, h > 0) * found["grad_h_relu"])

    halving = by_autograd(network, lambda h: h.maximum(h.new_zeros(())))
    assert np.array_equal(found["grad_w1"], grad_w1(slope=1))
    assert np.array_equal(by_autograd(network)["grad_w1"], grad_w1(slope=0))
    assert np.array_equal(halving["grad_w1"], grad_w1(slope=0.5))
    difference = by_central_differences(network, "w1", epsilon=1e-6)
    assert_close(difference, grad_w1(slope=0.5), 1e-3)
