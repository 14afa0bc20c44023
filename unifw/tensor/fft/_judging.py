"""What the transforms share: arguments judged, sizes and axes worked out, the backend's function called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal

from unifw.errors import ArgumentError, ShapeError
from unifw.tensor._arguments import whole, wholes
from unifw.tensor._kinds import resolve
from unifw.tensor._manipulation import normalize_axes
from unifw.tensor._operands import as_tensor
from unifw.tensor._tensor import Tensor
from unifw.tensor.linalg._matrices import COMPLEX, REAL, computing, extension

Norm = Literal["backward", "ortho", "forward"]
INVERSE_NORM: Final[dict[str, Norm]] = {"backward": "forward", "ortho": "ortho", "forward": "backward"}
REAL_RESULT: Final = frozenset({"irfftn"})
REAL_ARGUMENT: Final = frozenset({"rfftn"})


def check_norm(name: str, norm: str) -> None:
    """Refuse a normalisation that does not exist."""
    if norm not in INVERSE_NORM:
        raise ArgumentError(f"{name}() got norm={norm!r}. Write 'backward', 'ortho' or 'forward'.")


def transform(
    name: str, kernel: str, x: Any, sizes: Sequence[int | None] | None, axes: Sequence[int] | None, norm: str
) -> Tensor:
    """Judge the arguments of a transform and compute it.

    Args:
        name: the function's, for its dtype rule and for messages.
        kernel: the backend's: ``fftn``, ``ifftn``, ``rfftn`` or ``irfftn``.
        x: a tensor.
        sizes: of the transforms along `axes`; None (and -1) for those of `x`.
        axes: None for all.
        norm: where to divide by the sizes.
    """
    check_norm(name, norm)
    x = as_tensor(x)
    dtype = computing(resolve(name, x.dtype))
    places = normalize_axes(None if axes is None else wholes(axes, name, "axes"), x.ndim, name)
    if not places:
        raise ShapeError(f"{name}() needs at least one axis to transform, got shape {x.shape} and axes={axes}.")
    real = kernel in REAL_RESULT
    found = _sizes(name, x.shape, sizes, places, real)
    shape = list(x.shape)
    for place, size in zip(places, found, strict=True):
        shape[place] = size
    if kernel in REAL_ARGUMENT:
        shape[places[-1]] = found[-1] // 2 + 1
    else:
        dtype = COMPLEX.get(dtype, dtype)
    backend = x.backend
    array = backend.astype(x.native, dtype)
    if 0 in x.shape:  # nothing, or zeros that sizes beyond the tensor's add
        result = REAL[dtype] if real else COMPLEX.get(dtype, dtype)
        zeros = backend.xp.zeros(tuple(shape), dtype=backend.native_dtype(result))
        return Tensor(backend.to_device(zeros, backend.device_of(array)), backend)
    function = getattr(extension(backend, "fft", name), kernel)
    return Tensor(function(array, s=found, axes=places, norm=norm), backend)


def _sizes(
    name: str, shape: tuple[int, ...], sizes: Sequence[int | None] | None, places: tuple[int, ...], real: bool
) -> tuple[int, ...]:
    """Return how many elements each axis has in the transform; for a real result, in the result."""
    wanted = [None] * len(places) if sizes is None else [*((sizes,) if isinstance(sizes, int) else sizes)]
    if len(wanted) != len(places):
        raise ArgumentError(f"{name}() got {len(wanted)} sizes for {len(places)} axes. Give one for each.")
    result = []
    for size, place in zip(wanted, places, strict=True):
        size = size if size is None else whole(size, name, "n" if len(places) == 1 else "s")  # noqa: PLW2901
        if size is None or size == -1:
            is_half = real and place == places[-1]
            size = 2 * (shape[place] - 1) if is_half else shape[place]  # noqa: PLW2901 - the size meant
        if size < 1:
            raise ShapeError(
                f"{name}() transforms at least 1 element, got {size} along axis {place} of shape {shape}. Give n or s."
            )
        result.append(int(size))
    return tuple(result)
