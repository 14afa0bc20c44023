"""Block 10: through `unifw`'s own functions, every pair of dtypes promotes by the one rule."""

from __future__ import annotations

import numpy as np

import unifw as uf
from unifw import dtypes
from unifw.backend import Backend
from unifw.testing._base import Block, over
from unifw.testing._conversion import values_of
from unifw.testing._expect import assert_array


def _pairs(backend: Backend) -> list[tuple[dtypes.DType, dtypes.DType]]:
    own = [each for each in dtypes.ALL if each in backend.capabilities.dtypes]
    pairs = [(first, second) for first in own for second in own]
    return [
        pair for pair in pairs if dtypes.promote(*pair) in backend.capabilities.dtypes and pair != (uf.bool, uf.bool)
    ]


class Promotion(Block):
    """`unifw.add` over the lattice, and Python scalars."""

    @over("first, second", _pairs)
    def test_tensors_promote(self, backend: Backend, first: dtypes.DType, second: dtypes.DType) -> None:
        a, b = values_of(first, (3,)), values_of(second, (3,))
        result = uf.add(uf.asarray(a, backend=backend), uf.asarray(b, backend=backend))
        expected = dtypes.promote(first, second)
        assert_array(backend, result.native, a.astype(expected) + b.astype(expected), expected)

    @over("dtype", lambda backend: [each for each in dtypes.ALL if each in backend.capabilities.dtypes])
    def test_python_scalars_take_the_dtype_of_the_tensor(self, backend: Backend, dtype: dtypes.DType) -> None:
        tensor = uf.asarray(values_of(dtype, (3,)), backend=backend)
        for scalar in (True, 1, 0.5):
            expected = dtypes.promote_scalar(dtype, scalar)
            if expected not in backend.capabilities.dtypes or expected == uf.bool:
                continue
            for result in (tensor * scalar, scalar * tensor):
                wanted = values_of(dtype, (3,)).astype(expected) * np.asarray(scalar, expected)
                assert_array(backend, result.native, wanted, expected)
