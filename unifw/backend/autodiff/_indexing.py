"""Derivatives of indexing and sorting: what was read is added back where it came from."""

from __future__ import annotations

from typing import Any

from unifw.backend.autodiff._recorder import Function, Recorder


def indexing(recorder: Recorder) -> dict[str, Function]:
    """Return the differentiable indexing functions of one tape."""
    inner, xp, node, value = recorder.inner, recorder.xp, recorder.node, recorder.value
    shape_of = inner.shape_of

    def take(x: Any, indices: Any, /, *, axis: int = 0) -> Any:
        positions = value(indices)
        if type(x) is not node:
            return xp.take(x, positions, axis=axis)
        source = x.value

        def pull(g: Any) -> Any:
            return inner.index_add(xp.zeros_like(source), positions, g, axis % len(shape_of(source)))

        return node(xp.take(source, positions, axis=axis), (x,), (pull,))

    def take_along_axis(x: Any, indices: Any, /, *, axis: int = -1) -> Any:
        positions = value(indices)
        if type(x) is not node:
            return xp.take_along_axis(x, positions, axis=axis)
        source = x.value

        def pull(g: Any) -> Any:
            # Axes of size 1 in `indices` broadcast against `x`, and the other way round.
            shape, rank = shape_of(g), len(shape_of(source))
            along = axis % rank
            full = tuple(size if i != along else shape_of(source)[along] for i, size in enumerate(shape))
            wide = tuple(size if i != along else shape_of(positions)[along] for i, size in enumerate(shape))
            spread = positions if shape_of(positions) == wide else xp.broadcast_to(positions, wide)
            base = xp.zeros(full, dtype=inner.native_dtype(inner.dtype_of(source)))
            return recorder.sum_to(inner.scatter_add(base, spread, g, along), shape_of(source))

        return node(xp.take_along_axis(source, positions, axis=axis), (x,), (pull,))

    def sort(x: Any, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Any:
        if type(x) is not node:
            return xp.sort(x, axis=axis, descending=descending, stable=stable)
        order = xp.argsort(value(x), axis=axis, descending=descending, stable=True)
        return take_along_axis(x, order, axis=axis)

    return {
        "argsort": recorder.constant(xp.argsort),
        "sort": sort,
        "take": take,
        "take_along_axis": take_along_axis,
    }
