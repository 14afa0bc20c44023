"""Block 9: the random stream against known answers of `jax.random`, bit for bit.

The answers were printed once by JAX 0.10.2, with ``k = jax.random.key(42)``: ``jax.random.key_data(...)`` of
``jax.random.split(k, 3)`` and ``jax.random.fold_in(k, 7)``, ``jax.random.bits(k, (2, 3), "uint32")``,
``jax.random.uniform(k, (2, 3))`` (as hexadecimal floats), ``jax.random.permutation(k, 10)``,
``jax.random.normal(k, (2, 3))`` and ``jax.random.truncated_normal(k, -2.0, 2.0, (2, 3))``.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from unifw import dtypes
from unifw.backend import Array, Backend
from unifw.testing._base import Block
from unifw.testing._expect import assert_array, assert_bits

SPLIT: Final = [[1832780943, 270669613], [64467757, 2916123636], [2465931498, 255383827]]
FOLDED: Final = [2547012911, 1371500959]
BITS: Final = [[2098992034, 2919706841, 2646866425], [2409546199, 1935504149, 2516274904]]
UNIFORM: Final = [
    [float.fromhex(each) for each in row.split()]
    for row in (
        "0x1.f470480000000p-2 0x1.5c0e600000000p-1 0x1.3b87f00000000p-1",
        "0x1.1f3d800000000p-1 0x1.cd75c80000000p-2 0x1.2bf69c0000000p-1",
    )
]
PERMUTATION: Final = [7, 4, 2, 5, 3, 6, 8, 9, 0, 1]
NORMAL: Final = [
    [-0.02830461598932743, 0.4671318531036377, 0.2957029640674591],
    [0.15354591608047485, -0.12403281778097153, 0.21692314743995667],
]
TRUNCATED: Final = [
    [-0.027016498148441315, 0.44438081979751587, 0.2818770706653595],
    [0.14650805294513702, -0.11836230009794235, 0.2069074809551239],
]


def _key(backend: Backend) -> Array:
    return backend.asarray([0, 42], dtype=dtypes.uint32)


class Randomness(Block):
    """Bits, and what is made of bits."""

    def test_threefry_has_the_known_answers_of_random123(self, backend: Backend) -> None:
        """The three vectors for threefry2x32-20 in the reference implementation's `kat_vectors`."""
        vectors: tuple[tuple[Any, Any, Any], ...] = (
            ((0, 0), (0, 0), (0x6B200159, 0x99BA4EFE)),
            ((0xFFFFFFFF, 0xFFFFFFFF), (0xFFFFFFFF, 0xFFFFFFFF), (0x1CB996FC, 0xBB002BE7)),
            ((0x13198A2E, 0x03707344), (0x243F6A88, 0x85A308D3), (0xC4923A9C, 0x483DF7A0)),
        )
        for key, counter, expected in vectors:
            words = [backend.asarray([word], dtype=dtypes.uint32) for word in counter]
            results = backend.threefry2x32(backend.asarray(list(key), dtype=dtypes.uint32), *words)
            for result, word in zip(results, expected, strict=True):
                assert_bits(backend, result, [word], dtypes.uint32)

    def test_split(self, backend: Backend) -> None:
        assert_bits(backend, backend.random_split(_key(backend), 3), SPLIT, dtypes.uint32)

    def test_fold_in(self, backend: Backend) -> None:
        for data in (
            backend.asarray(7),
            backend.asarray(7, dtype=dtypes.uint32),
            backend.asarray(7, dtype=dtypes.int32),
        ):
            assert_bits(backend, backend.random_fold_in(_key(backend), data), FOLDED, dtypes.uint32)

    def test_bits(self, backend: Backend) -> None:
        assert_bits(backend, backend.random_bits(_key(backend), (2, 3)), BITS, dtypes.uint32)
        assert_bits(backend, backend.random_bits(_key(backend), ()), BITS[0][0], dtypes.uint32)
        assert_bits(backend, backend.random_bits(_key(backend), (0,)), [], dtypes.uint32)

    def test_uniform(self, backend: Backend) -> None:
        assert_bits(backend, backend.random_uniform(_key(backend), (2, 3)), UNIFORM, dtypes.float32)

    def test_permutation(self, backend: Backend) -> None:
        assert_bits(backend, backend.random_permutation(_key(backend), 10), PERMUTATION, dtypes.int64)
        assert_bits(backend, backend.random_permutation(_key(backend), 1), [0], dtypes.int64)

    def test_normal(self, backend: Backend) -> None:
        assert_array(backend, backend.random_normal(_key(backend), (2, 3)), NORMAL, dtypes.float32)

    def test_truncated_normal(self, backend: Backend) -> None:
        values = backend.random_truncated_normal(_key(backend), -2.0, 2.0, (2, 3))
        assert_array(backend, values, TRUNCATED, dtypes.float32)

    def test_the_same_key_gives_the_same_numbers(self, backend: Backend) -> None:
        first = backend.to_numpy(backend.random_normal(_key(backend), (50,)))
        assert_bits(backend, backend.random_normal(_key(backend), (50,)), first, dtypes.float32)

    def test_uniforms_are_in_the_interval_and_spread(self, backend: Backend) -> None:
        values = backend.to_numpy(backend.random_uniform(_key(backend), (1000,)))
        assert (values >= 0).all()
        assert (values < 1).all()
        assert abs(values.mean(dtype=np.float64) - 0.5) < 5 / np.sqrt(12 * 1000)
