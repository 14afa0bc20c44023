"""Surrounding tensors with more elements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from unifw import dtypes
from unifw.errors import ArgumentError, DTypeError, ShapeError
from unifw.tensor import Tensor, asarray, take
from unifw.tensor._operands import SCALARS, as_tensor

PadMode = Literal["constant", "reflect", "symmetric", "edge", "wrap"]
_MODES = ("constant", "reflect", "symmetric", "edge", "wrap")


def pad(
    x: Any,
    pad_width: int | Sequence[int] | Sequence[Sequence[int]],
    mode: PadMode = "constant",
    constant_values: float | None = None,
) -> Tensor:
    """Add elements before and after each axis, as `keras.ops.pad` and `jax.numpy.pad`.

    Args:
        x: any shape.
        pad_width: (before, after) for each axis, one such pair for all, or one number for all.
        mode: "constant"; "reflect" mirrors without the edge; "symmetric" mirrors with it; "edge" repeats it; "wrap"
            continues from the other end.
        constant_values: for "constant"; 0 by default.

    Raises:
        ArgumentError: for another mode, negative numbers, or an empty axis that has nothing to repeat.
        ShapeError: for a `pad_width` that does not fit.

    >>> import unifw as uf
    >>> uf.nn.pad(uf.asarray([1, 2, 3]), (1, 2), mode="reflect").tolist()
    [2, 1, 2, 3, 2, 1]
    """
    given = as_tensor(x)
    if mode not in _MODES:
        raise ArgumentError(f"pad() got mode={mode!r}. Write one of {', '.join(map(repr, _MODES))}.")
    pairs = _pairs(pad_width, given.shape)
    if mode == "constant":
        value: Any = dtypes.python_type(given.dtype)() if constant_values is None else constant_values
        if type(value) not in SCALARS:
            raise DTypeError(f"pad() got constant_values={value!r}. Write a Python number.")
        if dtypes.promote_scalar(given.dtype, value) != given.dtype:
            raise DTypeError(
                f"pad() got constant_values={value!r} for {given.dtype.name}, which has no such number. Use one."
            )
        return Tensor(given.backend.pad(given.native, pairs, value), given.backend)
    if constant_values is not None:
        raise ArgumentError(f"pad() got constant_values={constant_values!r} and mode={mode!r}. Leave one of them out.")
    for axis, ((before, after), size) in enumerate(zip(pairs, given.shape, strict=True)):
        if not before and not after:
            continue
        if not size:
            raise ArgumentError(f"pad() got mode={mode!r} for axis {axis} of shape {given.shape}, which is empty.")
        places = np.pad(np.arange(size), (before, after), mode=mode)
        given = take(given, asarray(places, backend=given.backend), axis=axis)
    return given


def _pairs(pad_width: Any, shape: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    try:
        widths = np.asarray(pad_width)
        wide = np.broadcast_to(widths, (len(shape), 2))
    except ValueError:
        raise ShapeError(
            f"pad() got pad_width={pad_width!r} for shape {shape}. Write a pair (before, after) for each axis, one for "
            f"all, or a number."
        ) from None
    if widths.dtype.kind not in "iu" and widths.size:
        raise ArgumentError(f"pad() needs integers as pad_width, got {pad_width!r}.")
    if (wide < 0).any():
        raise ArgumentError(
            f"pad() got negative numbers in pad_width={pad_width!r}. Take a slice to make a tensor smaller."
        )
    return tuple((int(before), int(after)) for before, after in wide)
