"""What an example of a composite is, and what all families make theirs with."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np

from unifw.backend import Array, Backend
from unifw.testing._expect import HostArray

Call: TypeAlias = tuple[tuple[Any, ...], dict[str, Any]]


class CompositeExample(NamedTuple):
    """A call of a composite.

    Attributes:
        label: the test id.
        name: the method of `Backend`.
        arrays: float64 operands (cast to the dtype under test), integers or booleans (taken as they are).
        arguments: from the owner and the arrays to the arguments of the call.
        formula: what NumPy gives for the arrays, or None: then only the default over `xp` is the judge.
        differentiable: whether gradients with respect to the floating-point operands are checked.
        smooth: whether second derivatives are checked too.
        exact: whether results have a dtype and bits of their own (random numbers), whatever dtype is under test.
    """

    label: str
    name: str
    arrays: tuple[HostArray, ...]
    arguments: Callable[[Backend, Sequence[Array]], Call]
    formula: Callable[..., Any] | None = None
    differentiable: bool = True
    smooth: bool = True
    exact: bool = False


def numbers(*shape: int, seed: int = 0) -> HostArray:
    """Return numbers in (-2, 2), none of them near 0 or another, so that nothing is differentiated at a kink."""
    count = math.prod(shape)
    order = np.random.default_rng(seed).permutation(count)
    return ((order + 0.5) / count * 4 - 2 + (0.03 if count % 2 else 0.0)).reshape(shape)


def positional(*extra: Any, **options: Any) -> Callable[[Backend, Sequence[Array]], Call]:
    """Return how to call a composite with the arrays first, then these arguments."""
    return lambda _owner, arrays: ((*arrays, *extra), options)


MATRIX: Final = numbers(3, 4)
IMAGE: Final = numbers(2, 5, 6, 4)
SIGNAL: Final = numbers(2, 7, 3)
