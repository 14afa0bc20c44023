"""Reading elements, and writing them into a copy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from unifw.backend import Array, Backend
from unifw.testing._examples._example import Call, CompositeExample, numbers, positional
from unifw.testing._expect import HostArray

_KEYS: tuple[tuple[str, Any], ...] = (
    ("", (slice(1, 3), slice(None))),
    ("-steps", (slice(0, 4, 3), slice(1, 5, 2))),
    ("-integer", (-1, ...)),
    ("-new-axis", (None, slice(None), 2)),
    ("-nothing", (slice(2, 2), ...)),
)


def _written(x: HostArray, key: Any, values: HostArray) -> HostArray:
    result = x.copy()
    result[key] = values
    return result


def _folded(function: np.ufunc, x: HostArray, indices: HostArray, values: HostArray) -> HostArray:
    result = x.copy()
    for index, value in zip(indices, values, strict=True):
        result[index] = function(result[index], value)
    return result


def _at(key: Any) -> Callable[[Backend, Sequence[Array]], Call]:
    return lambda _owner, arrays: ((arrays[0], key, arrays[1]), {})


def indexing() -> tuple[CompositeExample, ...]:
    """What item assignment is made of."""
    matrix = numbers(4, 5)
    places = np.asarray([2, 0, 3])
    return (
        *(
            CompositeExample(
                f"get_slice{label}", "get_slice", (matrix,), positional(key), lambda x, k=key: np.asarray(x[k])
            )
            for label, key in (*_KEYS, ("-element", (1, -2, ...)), ("-ellipsis", (..., 0)))
        ),
        *(
            CompositeExample(
                f"set_slice{label}",
                "set_slice",
                (matrix, numbers(*matrix[key].shape, seed=1)),
                _at(key),
                lambda x, v, k=key: _written(x, k, v),
            )
            for label, key in _KEYS
        ),
        CompositeExample(
            "index_set",
            "index_set",
            (matrix, places, numbers(3, 5, seed=1)),
            positional(),
            _written,
        ),
        CompositeExample(
            "index_set-flat",
            "index_set",
            (numbers(7), places, numbers(3, seed=1)),
            positional(),
            _written,
        ),
        *(
            CompositeExample(
                f"index_reduce-{operation}",
                "index_reduce",
                (matrix, np.asarray([2, 0, 2]), numbers(3, 5, seed=1)),
                positional(operation),
                lambda x, i, v, f=function: _folded(f, x, i, v),
                differentiable=False,
            )
            for operation, function in (("multiply", np.multiply), ("maximum", np.maximum), ("minimum", np.minimum))
        ),
    )
