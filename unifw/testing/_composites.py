"""Block 5: composites against their formulas, and every override against the default it replaces."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from unifw import dtypes
from unifw.backend import Array, Backend, support_table
from unifw.testing._base import Block, of_kinds, over
from unifw.testing._examples import EXAMPLES, CompositeExample
from unifw.testing._expect import HostArray, assert_array, assert_values, tolerance_of


def cast(array: HostArray, dtype: dtypes.DType) -> HostArray:
    """Return a float64 operand in the dtype under test, and any other as it is."""
    return array.astype(dtype) if array.dtype == np.float64 else array


def flattened(result: Any) -> list[Array]:
    """Return the arrays of a result, which may be one, a tuple, or lists in a tuple."""
    return [leaf for each in result for leaf in flattened(each)] if isinstance(result, (tuple, list)) else [result]


def evaluate(
    example: CompositeExample, owner: Backend, arrays: Sequence[Array], *, default: bool = False
) -> list[Array]:
    """Return the results of a composite, the backend's own or the default over its `xp`."""
    positional, named = example.arguments(owner, arrays)
    function = getattr(Backend, example.name).__get__(owner) if default else getattr(owner, example.name)
    return flattened(function(*positional, **named))


def _results(backend: Backend, example: CompositeExample, arrays: list[Array], dtype: dtypes.DType) -> list[Array]:
    """Return the results, computed eagerly in float32, and in other dtypes compiled where compiling is cheap."""
    if dtype == dtypes.float32 or backend.capabilities.compilation != "cheap":
        return evaluate(example, backend, arrays)
    return backend.jit(lambda traced, owner: (evaluate(example, owner, traced), None))(arrays)[0]


def _with_formulas(backend: Backend) -> list[tuple[CompositeExample, dtypes.DType]]:
    table = support_table(backend)
    return [
        (example, dtype)
        for example in EXAMPLES
        if example.formula is not None and table[example.name] != "unsupported"
        for dtype in ([dtypes.float32] if example.exact else of_kinds(backend, "floating"))
        if dtype.itemsize >= 4 or example.label == example.name  # half precision: one variant of each
    ]


def overridden(backend: Backend) -> list[tuple[CompositeExample, dtypes.DType]]:
    """Return the examples of composites that the backend implements itself, the first of each in every float dtype."""
    table = support_table(backend)
    examples = [example for example in EXAMPLES if table[example.name] == "native"]
    first = {example.name: example.label for example in reversed(examples)}
    return [
        (example, dtype)
        for example in examples
        for dtype in ([dtypes.float32] if example.exact else of_kinds(backend, "floating"))
        if dtype == dtypes.float32 or example.label == first[example.name]
    ]


def _updates(backend: Backend) -> list[CompositeExample]:
    table = support_table(backend)
    return [each for each in EXAMPLES if each.name.endswith("_update") and table[each.name] != "unsupported"]


class Composites(Block):
    """Activations, normalisations, convolutions, attention, losses, updates."""

    @over("example, dtype", _with_formulas)
    def test_formula(self, backend: Backend, example: CompositeExample, dtype: dtypes.DType) -> None:
        arrays = [cast(array, dtype) for array in example.arrays]
        assert example.formula is not None
        expected = example.formula(*[cast(array, np.dtype(np.float64)) for array in map(_widened, arrays)])
        results = _results(backend, example, [backend.asarray(array) for array in arrays], dtype)
        wanted = list(expected) if isinstance(expected, tuple) else [expected]
        assert len(results) == len(wanted)
        for result, value in zip(results, wanted, strict=True):
            assert_array(backend, result, value, dtype)

    @over("example, dtype", overridden)
    def test_override_is_default(self, backend: Backend, example: CompositeExample, dtype: dtypes.DType) -> None:
        arrays = [cast(array, dtype) for array in example.arrays]
        results = evaluate(example, backend, [backend.asarray(array) for array in arrays])
        defaults = evaluate(example, backend, [backend.asarray(array) for array in arrays], default=True)
        assert len(results) == len(defaults)
        for result, default in zip(results, defaults, strict=True):
            kind = backend.dtype_of(default)
            assert_array(backend, result, backend.to_numpy(default), kind, tolerance=tolerance_of(backend, kind))

    @over("example", _updates)
    def test_donated_arrays_give_the_same_update(self, backend: Backend, example: CompositeExample) -> None:
        kept = evaluate(example, backend, [backend.asarray(cast(array, dtypes.float32)) for array in example.arrays])
        values = [backend.to_numpy(each).copy() for each in kept]
        given = [backend.copy(backend.asarray(cast(array, dtypes.float32))) for array in example.arrays]
        positional, named = example.arguments(backend, given)
        updated = flattened(getattr(backend, example.name)(*positional, **named, donated=True))
        for result, value in zip(updated, values, strict=True):
            assert_array(backend, result, value, dtypes.float32)

    @over("example", _updates)
    def test_what_is_not_donated_stays(self, backend: Backend, example: CompositeExample) -> None:
        arrays = [cast(array, dtypes.float32) for array in example.arrays]
        given = [backend.asarray(array.copy()) for array in arrays]
        evaluate(example, backend, given)
        for array, values in zip(given, arrays, strict=True):
            assert_array(backend, array, values, dtypes.float32)

    def test_extreme_arguments_stay_finite(self, backend: Backend) -> None:
        values = np.asarray([[-1e4, -100.0, 0.0, 100.0, 1e4]], np.float32)
        calls: tuple[Callable[[Array], Array], ...] = (
            backend.sigmoid,
            backend.softplus,
            lambda x: backend.softmax(x, -1),
            lambda x: backend.log_softmax(x, -1),
            lambda x: backend.logsumexp(x, -1, False),
            lambda x: backend.sigmoid_cross_entropy(x, backend.asarray(np.full((1, 5), 0.5, np.float32))),
            backend.erf,
            lambda x: backend.gelu(x, True),
            lambda x: backend.gelu(x, False),
        )
        for call in calls:
            assert np.isfinite(backend.to_numpy(call(backend.asarray(values)))).all()

    def test_a_row_that_sees_nothing_has_no_nan(self, backend: Backend) -> None:
        heads = backend.asarray(np.ones((1, 2, 1, 4), np.float32))
        mask = backend.asarray(np.asarray([[[[False, False], [True, False]]]]))
        result = backend.to_numpy(backend.dot_product_attention(heads, heads, heads, mask, 0.5, False))
        assert_values(result[:, 1], np.ones((1, 1, 4)), backend.tolerances[dtypes.float32])
        assert np.isfinite(result).all()


def _widened(array: HostArray) -> HostArray:
    return array.astype(np.float64) if dtypes.as_dtype(array.dtype) in dtypes.FLOATS else array
