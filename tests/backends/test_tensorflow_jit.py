"""`jit` on TensorFlow: one program per shape and dtype, and when XLA compiles it."""

from __future__ import annotations

import numpy as np

from tests.backends.tensorflow_arrays import assert_same, backend, gradient_of, numbers, smooth, tf
from unifw_tensorflow import _transforms


def test_jit_traces_once_per_shape_and_dtype_and_remembers_the_static_value():
    traces = []

    def function(arrays, b):
        traces.append(b.shape_of(arrays[0]))
        return [b.xp.square(arrays[0]), b.xp.sum(arrays[0])], ("static", b.shape_of(arrays[0]))

    compiled = backend.jit(function)
    for shape, dtype in (((2,), "float32"), ((3,), "float32"), ((2,), "float64"), ((2,), "float32"), ((3,), "float32")):
        x = numbers(dtype, shape)
        (squares, total), static = compiled([backend.asarray(x)])
        assert_same(backend.to_numpy(squares), np.square(x))
        assert_same(backend.to_numpy(total), np.sum(x))
        assert static == ("static", shape)
    assert traces == [(2,), (3,), (2,)]


def test_jit_keeps_what_it_closes_over_and_may_return_nothing():
    large = backend.asarray(smooth((100, 100)))
    compiled = backend.jit(lambda arrays, b: ([b.xp.add(arrays[0], large), arrays[0], large], None))
    (total, same, constant), _ = compiled([large])
    np.testing.assert_array_equal(total, 2 * large.numpy())
    np.testing.assert_array_equal(same, large.numpy())
    np.testing.assert_array_equal(constant, large.numpy())
    assert backend.jit(lambda _arrays, _b: ([], 5))([]) == ([], 5)


def test_jit_inside_jit_and_gradients_through_jit():
    cube = backend.jit(lambda arrays, b: ([b.xp.pow(arrays[0], 3)], "cube"))
    outer = backend.jit(lambda arrays, b: ([b.xp.add(cube(arrays)[0][0], 1.0)], None))
    assert float(outer([backend.asarray(2.0)])[0][0]) == 9
    for _ in range(2):
        assert gradient_of(lambda x: cube([x])[0][0], np.float32(2))[0] == 12
    assert float(cube([backend.asarray(2.0)])[0][0]) == 8


def test_gradients_inside_jit():
    def function(arrays, b):
        value, _, gradients = b.value_and_grad(
            lambda traced, inner: (inner.xp.sum(inner.xp.square(traced[0])), []), arrays
        )
        return [value, *gradients], None

    value, gradient = backend.jit(function, donate=[0])([backend.asarray([1.0, 2.0])])[0]
    assert (float(value), gradient.numpy().tolist()) == (5, [2, 4])


def uses_xla(compiled):
    """Return, for each program of a compiled function, whether it now runs under XLA."""
    programs = next(cell.cell_contents for cell in compiled.__closure__ if isinstance(cell.cell_contents, dict))
    return [program._concrete is not program._graph for program in programs.values()]


def test_jit_chooses_xla_for_the_first_shape_later_for_others_and_not_for_convolutions():
    compiled = backend.jit(lambda arrays, b: ([b.softmax(arrays[0], -1)], None))
    for size in (3, 2):
        for _ in range(3):
            x = numbers("float32", (size,))
            result = compiled([backend.asarray(x)])[0][0]
            assert_same(backend.to_numpy(result), (np.exp(x) / np.exp(x).sum()).astype("float32"))
    assert uses_xla(compiled) == [True, False]
    for _ in range(_transforms._PATIENCE):
        compiled([backend.asarray(numbers("float32", (2,)))])
    assert uses_xla(compiled) == [True, True]
    pads = ((0, 0), (0, 0))
    convolve = backend.jit(lambda arrays, b: ([b.conv(*arrays, (1, 1), pads, (1, 1))], None))
    convolve([backend.asarray(numbers("float32", (1, 4, 4, 2))), backend.asarray(numbers("float32", (2, 2, 2, 3)))])
    assert uses_xla(convolve) == [False]


def test_jit_stays_with_the_graph_where_xla_has_no_kernel():
    compiled = backend.jit(lambda arrays, _: ([tf.py_function(lambda x: x + 1, arrays, tf.float32)], None))
    for _ in range(2):
        assert compiled([backend.asarray(1.0)])[0][0] == 2
    assert uses_xla(compiled) == [False]
