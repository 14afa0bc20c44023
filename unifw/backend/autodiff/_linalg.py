"""Derivatives of products of matrices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from unifw.backend.autodiff._recorder import Function, Recorder


def linalg(recorder: Recorder) -> dict[str, Function]:
    """Return the differentiable linear algebra of one tape."""
    xp = recorder.xp
    return {
        "matmul": _matmul(recorder),
        "matrix_transpose": recorder.linear(xp.matrix_transpose, lambda g, _x: xp.matrix_transpose(g)),
        "tensordot": _tensordot(recorder),
        "vecdot": _vecdot(recorder),
    }


def _matmul(recorder: Recorder) -> Function:
    xp, shape_of, value = recorder.xp, recorder.inner.shape_of, recorder.value
    matmul, transpose, reshape = xp.matmul, xp.matrix_transpose, xp.reshape

    def product(x1: Any, x2: Any, /) -> Any:
        a, b = value(x1), value(x2)
        result = matmul(a, b)
        if x1 is a and x2 is b:
            return result
        shape_a, shape_b = shape_of(a), shape_of(b)
        # Vectors are matrices of one row or column for the rules.
        rows, columns = len(shape_a) > 1, len(shape_b) > 1

        def matrices(g: Any) -> tuple[Any, Any, Any]:
            left = a if rows else reshape(a, (1, *shape_a))
            right = b if columns else reshape(b, (*shape_b, 1))
            if not (rows and columns):
                shape = list(shape_of(g))
                if not rows:
                    shape.insert(len(shape) - int(columns), 1)
                if not columns:
                    shape.append(1)
                g = reshape(g, tuple(shape))
            return left, right, g

        def pull_left(g: Any) -> Any:
            _, right, g = matrices(g)
            return reshape(
                recorder.sum_to(matmul(g, transpose(right)), (*shape_a[:-2], *_matrix(shape_a, True))), shape_a
            )

        def pull_right(g: Any) -> Any:
            left, _, g = matrices(g)
            if len(shape_b) <= 2 < len(shape_of(left)):  # one matrix for a whole stack: one large product
                left = reshape(left, (-1, shape_a[-1]))
                g = reshape(g, (-1, shape_of(g)[-1]))
            part = matmul(transpose(left), g)
            return reshape(recorder.sum_to(part, (*shape_b[:-2], *_matrix(shape_b, False))), shape_b)

        return recorder.record(result, (x1, pull_left), (x2, pull_right))

    return product


def _matrix(shape: Sequence[int], row: bool) -> tuple[int, ...]:
    """Return the last two sizes, a vector's being those of a row or of a column."""
    if len(shape) > 1:
        return tuple(shape[-2:])
    return (1, shape[0]) if row else (shape[0], 1)


def _tensordot(recorder: Recorder) -> Function:
    xp, shape_of, value = recorder.xp, recorder.inner.shape_of, recorder.value

    def tensordot(x1: Any, x2: Any, /, *, axes: int | tuple[Sequence[int], Sequence[int]] = 2) -> Any:
        a, b = value(x1), value(x2)
        result = xp.tensordot(a, b, axes=axes)
        rank_a, rank_b = len(shape_of(a)), len(shape_of(b))
        if isinstance(axes, int):
            summed_a, summed_b = list(range(rank_a - axes, rank_a)), list(range(axes))
        else:
            summed_a, summed_b = [i % rank_a for i in axes[0]], [i % rank_b for i in axes[1]]
        free_a = [i for i in range(rank_a) if i not in summed_a]
        free_b = [i for i in range(rank_b) if i not in summed_b]

        def pull_left(g: Any) -> Any:
            part = xp.tensordot(g, b, axes=(tuple(range(len(free_a), len(free_a) + len(free_b))), tuple(free_b)))
            # `part` has the free axes of a, then the summed ones in the order of b.
            order = [*free_a, *(summed_a[summed_b.index(i)] for i in sorted(summed_b))]
            return xp.permute_dims(part, tuple(order.index(i) for i in range(rank_a)))

        def pull_right(g: Any) -> Any:
            part = xp.tensordot(a, g, axes=(tuple(free_a), tuple(range(len(free_a)))))
            # `part` has the summed axes in the order of a, then the free ones of b.
            order = [*(summed_b[summed_a.index(i)] for i in sorted(summed_a)), *free_b]
            return xp.permute_dims(part, tuple(order.index(i) for i in range(rank_b)))

        return recorder.record(result, (x1, pull_left), (x2, pull_right))

    return tensordot


def _vecdot(recorder: Recorder) -> Function:
    xp, shape_of, value = recorder.xp, recorder.inner.shape_of, recorder.value

    def vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
        a, b = value(x1), value(x2)

        def expanded(g: Any) -> Any:
            return xp.expand_dims(g, axis=axis)

        return recorder.record(
            xp.vecdot(a, b, axis=axis),
            (x1, lambda g: recorder.sum_to(xp.multiply(expanded(g), b), shape_of(a))),
            (x2, lambda g: recorder.sum_to(xp.multiply(expanded(g), a), shape_of(b))),
        )

    return vecdot
