"""The random stream, and one-hot vectors: what has a dtype and bits of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from unifw import dtypes
from unifw.backend import Array, Backend
from unifw.testing._examples._example import Call, CompositeExample, positional
from unifw.testing._expect import HostArray


def _keyed(name: str, *extra: Any, arrays: tuple[HostArray, ...] = (), variant: str = "") -> CompositeExample:
    """Return the example of a composite whose first argument is a key; the default over `xp` is its judge."""

    def arguments(owner: Backend, given: Sequence[Array]) -> Call:
        return (owner.asarray([0, 42], dtype=dtypes.uint32), *given, *extra), {}

    label = f"{name} {variant}" if variant else name
    return CompositeExample(label, name, arrays, arguments, None, False, exact=True)


def random() -> tuple[CompositeExample, ...]:
    """Return the examples of random numbers and one-hot vectors."""
    counters = (np.arange(6, dtype=np.uint32), np.arange(6, dtype=np.uint32)[::-1].copy())
    return (
        CompositeExample(
            "one_hot",
            "one_hot",
            (np.asarray([[1, 0], [3, -1]]),),
            positional(3, dtypes.float32),
            lambda i: np.asarray(i[..., None] == np.arange(3), np.float32),
            False,
            exact=True,
        ),
        _keyed("threefry2x32", arrays=counters),
        _keyed("random_fold_in", arrays=(np.asarray(7),)),
        _keyed("random_split", 3),
        _keyed("random_bits", (2, 3)),
        _keyed("random_uniform", (2, 3)),
        _keyed("random_uniform", (2, 3), dtypes.float32, -0.3, 1.1, variant="between"),
        _keyed("random_uniform", (2, 3), dtypes.float64, -0.3, 1.1, variant="float64"),
        _keyed("random_randint", (2, 3), -5, 70, dtypes.int32),
        _keyed("random_randint", (5,), 0, 1 << 64, dtypes.uint64, variant="of all"),
        _keyed("random_permutation", 7),
        _keyed("random_shuffle", (3, 4), 1),
        _keyed("random_normal", (2, 3)),
        _keyed("random_truncated_normal", -2.0, 2.0, (2, 3)),
        _keyed("random_exponential", (2, 3), dtypes.float32),
        _keyed("random_gumbel", (2, 3), dtypes.float32, "low"),
        _keyed("random_gumbel", (2, 3), dtypes.float32, "high", variant="high"),
        _keyed("random_laplace", (2, 3), dtypes.float32),
        _keyed("random_logistic", (2, 3), dtypes.float32),
        _keyed("random_gamma", False, arrays=(np.asarray([0.3, 1.0, 7.0], np.float32),)),
        _keyed("random_gamma", True, arrays=(np.asarray([0.3, 1.0, 7.0], np.float32),), variant="logarithm"),
        _keyed("random_poisson", dtypes.int32, arrays=(np.asarray([0.0, 4.0, 50.0], np.float32),)),
    )
