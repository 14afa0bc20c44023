"""The default key: where layers and `fit` draw randomness from when they are given none.

Keys here are host arrays, uint32 (2,). Every consumer (a model being built, a run of `fit`, an eager call with
dropout) takes the next key of the stream, ``fold_in(default, counter)``, so one seed fixes them all, on every backend.
"""

from __future__ import annotations

import os
import threading
from typing import Any

import numpy as np

from unifw.errors import ArgumentError
from unifw.tensor.random import host


class _Default:
    key: np.ndarray[Any, Any] | None = None
    counter = 0
    lock = threading.Lock()


def set_random_seed(seed: int) -> None:
    """Set the default key, and seed Python's `random` and `numpy.random`, as `keras.utils.set_random_seed` does.

    Args:
        seed: an integer in [0, 2**32).

    Raises:
        ArgumentError: for anything else.

    >>> import unifw as uf
    >>> uf.utils.set_random_seed(0)
    """
    if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed < 2**32:
        raise ArgumentError(f"A seed is an integer from 0 to 2**32 - 1, got {seed!r}. Write 42, for example.")
    import random  # here, because it takes a while to import

    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - Keras seeds the legacy generator, which users' data code draws from
    with _Default.lock:
        _Default.key = host.key(seed)
        _Default.counter = 0


def next_key() -> np.ndarray[Any, Any]:
    """Return the next key of the default stream, uint32 (2,), on the host; unseeded, the stream starts at random."""
    with _Default.lock:
        if _Default.key is None:
            _Default.key = host.key(int.from_bytes(os.urandom(4), "little"))
        _Default.counter += 1
        return host.fold_in(_Default.key, _Default.counter)
