"""What an example of a public function is, and the arrays that examples share."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np

import unifw as uf
from unifw.testing._expect import HostArray


class FunctionExample(NamedTuple):
    """A call of a function that users call.

    Attributes:
        name: as users write it behind ``uf.``: "linalg.svd".
        family: the heading it stands under.
        call: from tensors to the result: any tree.
        arrays: operands.
        traces: whether it works without values, so that it can be compiled and mapped.
        unique: whether its result is determined: eigenvectors, for one, are so up to a factor only.
    """

    name: str
    family: str
    call: Callable[..., Any]
    arrays: tuple[HostArray, ...] = ()
    traces: bool = True
    unique: bool = True

    @property
    def label(self) -> str:
        """Return the test id."""
        return self.name


def function_of(name: str) -> Callable[..., Any]:
    """Return the function of a name as users write it."""
    return operator.attrgetter(name)(uf)  # type: ignore[no-any-return]


def plain(family: str, names: str, *arrays: HostArray) -> tuple[FunctionExample, ...]:
    """Return examples of functions that are called with arrays and nothing else."""
    return tuple(FunctionExample(name, family, _called(name), arrays) for name in names.split())


def _called(name: str) -> Callable[..., Any]:
    return function_of(name)


# Numbers that are exact in float32, no two of them equal in size, and none at a kink.
ANY: Final = np.asarray([[-2.25, -1.125, -0.375], [0.75, 1.625, 2.875]], np.float32)
OTHER: Final = np.asarray([[1.25, -0.625, 2.125], [0.4375, -1.875, 0.9375]], np.float32)
POSITIVE: Final = np.abs(ANY) + np.float32(0.0625)
WITHIN_ONE: Final = ANY / np.float32(4)
COMPLEX: Final = (ANY + 1j * OTHER).astype(np.complex64)
FLAGS: Final = np.asarray([[True, False, True], [False, False, True]])
INTEGERS: Final = np.asarray([[3, 1, 2], [5, 0, 4]], np.int64)
SHIFTS: Final = np.asarray([[0, 1, 2], [2, 1, 3]], np.int64)
VECTOR: Final = np.asarray([0.5, -1.5, 2.25, 1.125], np.float32)
SQUARE: Final = np.asarray([[4.0, 1.0, 0.5], [1.0, 3.0, -0.25], [0.5, -0.25, 2.0]], np.float32)  # positive definite
CUBE: Final = (np.arange(24, dtype=np.float32).reshape(2, 3, 4) * 7 % 24 - 11.5) / 8
IMAGE: Final = ((np.arange(144, dtype=np.float32) * 37 % 144 - 71.5) / 64).reshape(2, 6, 6, 2)
KEY: Final = np.asarray([0, 42], np.uint32)
