"""The random stream as custom operators, opaque to Inductor.

So its compile time does not grow with their number, the counter never becomes part of a graph, and no arithmetic on
uint32 is asked of it. `jax.random` in its partitionable layout is the oracle: element ``i`` has the counter
``(i >> 32, i)``.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from unifw.backend import Backend
from unifw_torch import _threefry
from unifw_torch._state import state

if TYPE_CHECKING:
    from collections.abc import Sequence

Array = Any


def _on_host(key: Array) -> bool:
    return bool(key.device.type == "cpu")


def _random_bits(key: Array, count: int) -> Array:
    if not _on_host(key):
        x0, x1 = _threefry.device_words(key, count)
        return x0.bitwise_xor_(x1).view(torch.uint32)
    result = torch.empty(count, dtype=torch.uint32)
    out = result.numpy()
    for place, x0, x1 in _threefry.blocks(key.tolist(), count):
        np.bitwise_xor(x0, x1, out=out[place])
    return result


def _random_uniform(key: Array, count: int) -> Array:
    if not _on_host(key):
        bits = _random_bits(key, count).view(torch.int32)
        return bits.bitwise_right_shift_(9).bitwise_and_((1 << 23) - 1) * 2.0**-23
    result = torch.empty(count, dtype=torch.float32)
    out = result.numpy()
    for place, x0, x1 in _threefry.blocks(key.tolist(), count):
        np.bitwise_xor(x0, x1, out=x0)
        np.right_shift(x0, np.uint32(9), out=x0)
        np.multiply(x0.view(np.int32), np.float32(2.0**-23), out=out[place], dtype=np.float32, casting="unsafe")
    return result


def _random_split(key: Array, count: int) -> Array:
    if not _on_host(key):
        return torch.stack(_threefry.device_words(key, count), -1).view(torch.uint32)
    words = key.tolist()
    if count <= _threefry.FEW:
        pairs = [_threefry.words(words, 0, index) for index in range(count)]
        return torch.tensor(pairs, dtype=torch.uint32).reshape(count, 2)
    result = torch.empty((count, 2), dtype=torch.uint32)
    out = result.numpy()
    for place, x0, x1 in _threefry.blocks(words, count):
        out[place, 0], out[place, 1] = x0, x1
    return result


def _threefry2x32(key: Array, high: Array, low: Array) -> tuple[Array, Array]:
    high, low = (word.clone(memory_format=torch.contiguous_format) for word in torch.broadcast_tensors(high, low))
    if _on_host(key):
        x0, x1 = high.reshape(-1).numpy(), low.reshape(-1).numpy()
        _threefry.rounds(key.tolist(), x0, x1, np.empty_like(x1))
    else:
        _threefry.device_rounds(key.view(torch.int32), high.view(torch.int32), low.view(torch.int32))
    return high, low


def _random_fold_in(key: Array, data: Array) -> Array:
    if _on_host(key):
        return torch.tensor(_threefry.words(key.tolist(), 0, int(data) & _threefry.MASK), dtype=torch.uint32)
    low = data.reshape(1).to(torch.int64).to(torch.int32)  # keeps the lower 32 bits
    high = torch.zeros_like(low)
    _threefry.device_rounds(key.view(torch.int32), high, low)
    return torch.cat((high, low)).view(torch.uint32)


def _random_permutation(key: Array, size: int) -> Array:
    result = torch.arange(size, device=key.device)
    for _ in range(math.ceil(3 * math.log(max(1, size)) / math.log(2**32 - 1))):
        key, bits_key = _random_split(key, 2)
        bits = _random_bits(bits_key, size).view(torch.int32)
        result = result[torch.sort(bits ^ _threefry.signed(1 << 31), stable=True).indices]  # in unsigned order
    return result


def _operator(name: str, schema: str, function: Any, shapes: Any) -> Any:
    """Register a function as an operator that compilers do not look into; `shapes` gives empty results."""
    operator = torch.library.custom_op(f"unifw::{name}", function, mutates_args=(), schema=schema)
    operator.register_fake(shapes)
    return operator


_OPERATORS: Final[dict[str, Any]] = {
    "bits": _operator(
        "random_bits",
        "(Tensor key, int count) -> Tensor",
        _random_bits,
        lambda key, count: key.new_empty((count,)),
    ),
    "uniform": _operator(
        "random_uniform",
        "(Tensor key, int count) -> Tensor",
        _random_uniform,
        lambda key, count: key.new_empty((count,), dtype=torch.float32),
    ),
    "split": _operator(
        "random_split",
        "(Tensor key, int count) -> Tensor",
        _random_split,
        lambda key, count: key.new_empty((count, 2)),
    ),
    "fold_in": _operator(
        "random_fold_in",
        "(Tensor key, Tensor data) -> Tensor",
        _random_fold_in,
        lambda key, data: key.new_empty((2,)),  # noqa: ARG005 - the operator's signature
    ),
    "permutation": _operator(
        "random_permutation",
        "(Tensor key, int size) -> Tensor",
        _random_permutation,
        lambda key, size: key.new_empty((size,), dtype=torch.int64),
    ),
    "threefry2x32": _operator(
        "threefry2x32",
        "(Tensor key, Tensor high, Tensor low) -> (Tensor, Tensor)",
        _threefry2x32,
        lambda key, high, low: (torch.empty_like(high), torch.empty_like(low)),  # noqa: ARG005
    ),
}


class NativeRandom(Backend):
    """The stream of `unifw.backend`, bit for bit, without uint32 arithmetic.

    Eagerly the functions run as they are; the operators around them are for the tracer only.
    """

    def threefry2x32(self, key: Array, high: Array, low: Array) -> tuple[Array, Array]:
        """See `Random.threefry2x32`."""
        result: tuple[Array, Array] = (_OPERATORS["threefry2x32"] if state.tracing else _threefry2x32)(key, high, low)
        return result

    def random_fold_in(self, key: Array, data: Array) -> Array:
        """See `Random.random_fold_in`."""
        return (_OPERATORS["fold_in"] if state.tracing else _random_fold_in)(key, data)

    def random_split(self, key: Array, count: int) -> Array:
        """See `Random.random_split`."""
        return (_OPERATORS["split"] if state.tracing else _random_split)(key, count)

    def random_bits(self, key: Array, shape: Sequence[int]) -> Array:
        """See `Random.random_bits`."""
        bits = (_OPERATORS["bits"] if state.tracing else _random_bits)(key, math.prod(shape))
        return bits.reshape(tuple(shape))

    def random_uniform(self, key: Array, shape: Sequence[int]) -> Array:
        """See `Random.random_uniform`."""
        values = (_OPERATORS["uniform"] if state.tracing else _random_uniform)(key, math.prod(shape))
        return values.reshape(tuple(shape))

    def random_permutation(self, key: Array, size: int) -> Array:
        """See `Random.random_permutation`."""
        return (_OPERATORS["permutation"] if state.tracing else _random_permutation)(key, size)
