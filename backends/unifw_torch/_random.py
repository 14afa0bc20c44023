"""The random stream as custom operators, opaque to Inductor.

So its compile time does not grow with their number, the counter never becomes part of a graph, and no arithmetic on
uint32 is asked of it. `jax.random` in its partitionable layout is the oracle: element ``i`` has the counter
``(i >> 32, i)``.
"""

from __future__ import annotations

import functools
import json
import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from unifw import dtypes
from unifw.backend import Backend, host_draw
from unifw_torch import _conversion, _threefry
from unifw_torch._dtypes import FROM_TORCH, TO_TORCH
from unifw_torch._state import state

if TYPE_CHECKING:
    from collections.abc import Sequence

Array = Any


def _on_host(key: Array) -> bool:
    return bool(key.device.type == "cpu")


def _random_bits(key: Array, count: int, dtype: Any) -> Array:
    if not _on_host(key):
        return _bits_of(*_threefry.device_words(key, count), dtype)
    result = torch.empty(count, dtype=dtype)
    out = result.numpy()
    for place, x0, x1 in _threefry.blocks(key.tolist(), count):
        if dtype == torch.uint64:
            out[place] = x0
            np.left_shift(out[place], np.uint64(32), out=out[place])
            np.bitwise_or(out[place], x1, out=out[place])
        else:
            np.bitwise_xor(x0, x1, out=out[place], casting="unsafe")  # keeps the lower bits
    return result


def _bits_of(x0: Array, x1: Array, dtype: Any) -> Array:
    """Return the bits of words that are int32, on an accelerator."""
    if dtype == torch.uint64:
        low = x1.to(torch.int64).bitwise_and_(_threefry.MASK)
        return x0.to(torch.int64).bitwise_left_shift_(32).bitwise_or_(low).view(torch.uint64)
    bits = x0.bitwise_xor_(x1)
    signed = {torch.uint8: torch.int8, torch.uint16: torch.int16, torch.uint32: torch.int32}[dtype]
    return bits.to(signed).view(dtype)  # conversion to fewer bits keeps the lower ones


def _random_uniform(key: Array, count: int, dtype: Any) -> Array:
    if not _on_host(key):
        return _uniform_of(*_threefry.device_words(key, count), dtype)
    if dtype != torch.float32:
        return _conversion.from_numpy(
            host_draw("random_uniform", key.numpy(), (count,), FROM_TORCH[dtype]), None, "cpu"
        )
    result = torch.empty(count, dtype=torch.float32)
    out = result.numpy()
    for place, x0, x1 in _threefry.blocks(key.tolist(), count):
        np.bitwise_xor(x0, x1, out=x0)
        np.right_shift(x0, np.uint32(9), out=x0)
        np.multiply(x0.view(np.int32), np.float32(2.0**-23), out=out[place], dtype=np.float32, casting="unsafe")
    return result


def _uniform_of(x0: Array, x1: Array, dtype: Any) -> Array:
    """Return numbers in [0, 1) for words that are int32, on an accelerator."""
    if dtype == torch.float64:
        high, low = (word.to(torch.int64).bitwise_and_(_threefry.MASK) for word in (x0, x1))
        return high.to(dtype) * 2.0**-32 + low.bitwise_right_shift_(12).to(dtype) * 2.0**-52
    drawn, bits = {torch.float16: (16, 10), torch.bfloat16: (8, 7), torch.float32: (32, 23)}[dtype]
    word = x0.bitwise_xor_(x1).bitwise_right_shift_(drawn - bits).bitwise_and_((1 << bits) - 1)
    return word.to(dtype) * 2.0**-bits


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
        bits = _random_bits(bits_key, size, torch.uint32).view(torch.int32)
        result = result[torch.sort(bits ^ _threefry.signed(1 << 31), stable=True).indices]  # in unsigned order
    return result


def _draw(key: Array, arrays: list[Array], name: str, arguments: str, shape: list[int], dtype: Any) -> Array:
    """Draw on the host, with NumPy: a function of the composites, and its arguments as JSON."""
    given = iter(arrays)
    values = [_conversion.to_numpy(next(given)) if each == _ARRAY else each for each in json.loads(arguments)]
    result = _on_the_host(name, key, values)
    del shape, dtype  # for the tracer
    return result


def _on_the_host(name: str, key: Array, values: list[Any]) -> Array:
    values = [dtypes.as_dtype(each) if isinstance(each, str) and each in _DTYPES else each for each in values]
    return _conversion.from_numpy(host_draw(name, _conversion.to_numpy(key), *values), None, key.device)


_ARRAY: Final = "array"
_DTYPES: Final = frozenset(dtype.name for dtype in dtypes.ALL)


def _operator(name: str, schema: str, function: Any, shapes: Any) -> Any:
    """Register a function as an operator that compilers and `vmap` do not look into; `shapes` gives empty results."""
    operator = torch.library.custom_op(f"unifw::{name}", function, mutates_args=(), schema=schema)
    operator.register_fake(shapes)
    operator.register_vmap(functools.partial(_one_by_one, operator))
    return operator


def _one_by_one(operator: Any, info: Any, in_dims: tuple[Any, ...], *arguments: Any) -> Any:
    """Map an operator over keys: draw for one after the other."""
    results = [
        operator(*[_part(each, axis, index) for each, axis in zip(arguments, in_dims, strict=True)])
        for index in range(info.batch_size)
    ]
    if isinstance(results[0], tuple):
        return tuple(map(torch.stack, zip(*results, strict=True))), (0,) * len(results[0])
    return torch.stack(results), 0


def _part(argument: Any, axis: Any, index: int) -> Any:
    """Return one example of an argument: of a tensor along its mapped axis, of each tensor of a list."""
    if isinstance(argument, list) and isinstance(axis, list | tuple):
        return [_part(each, place, index) for each, place in zip(argument, axis, strict=True)]
    return argument if axis is None else argument.select(axis, index)


_OPERATORS: Final[dict[str, Any]] = {
    "bits": _operator(
        "random_bits",
        "(Tensor key, int count, ScalarType dtype) -> Tensor",
        _random_bits,
        lambda key, count, dtype: key.new_empty((count,), dtype=dtype),
    ),
    "uniform": _operator(
        "random_uniform",
        "(Tensor key, int count, ScalarType dtype) -> Tensor",
        _random_uniform,
        lambda key, count, dtype: key.new_empty((count,), dtype=dtype),
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
    "draw": _operator(
        "random_draw",
        "(Tensor key, Tensor[] arrays, str name, str arguments, int[] shape, ScalarType dtype) -> Tensor",
        _draw,
        lambda key, arrays, name, arguments, shape, dtype: key.new_empty(shape, dtype=dtype),  # noqa: ARG005
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

    Eagerly the functions run as they are; the operators around them are for the tracer and `vmap`.
    """

    def threefry2x32(self, key: Array, high: Array, low: Array) -> tuple[Array, Array]:
        """See `Random.threefry2x32`."""
        result: tuple[Array, Array] = (
            _OPERATORS["threefry2x32"] if state.tracing or state.functional else _threefry2x32
        )(key, high, low)
        return result

    def random_fold_in(self, key: Array, data: Array) -> Array:
        """See `Random.random_fold_in`."""
        return (_OPERATORS["fold_in"] if state.tracing or state.functional else _random_fold_in)(key, data)

    def random_split(self, key: Array, count: int) -> Array:
        """See `Random.random_split`."""
        return (_OPERATORS["split"] if state.tracing or state.functional else _random_split)(key, count)

    def random_bits(self, key: Array, shape: Sequence[int], dtype: dtypes.DType = dtypes.uint32) -> Array:
        """See `Random.random_bits`."""
        function = _OPERATORS["bits"] if state.tracing or state.functional else _random_bits
        return function(key, math.prod(shape), TO_TORCH[dtype]).reshape(tuple(shape))

    def random_uniform(
        self,
        key: Array,
        shape: Sequence[int],
        dtype: dtypes.DType = dtypes.float32,
        minval: Any = 0.0,
        maxval: Any = 1.0,
    ) -> Array:
        """See `Random.random_uniform`."""
        is_unit = isinstance(minval, float) and isinstance(maxval, float) and (minval, maxval) == (0.0, 1.0)
        if _on_host(key) and not is_unit:
            return self._drawn("random_uniform", key, shape, dtype, (list(shape), dtype, minval, maxval))
        function = _OPERATORS["uniform"] if state.tracing or state.functional else _random_uniform
        values = function(key, math.prod(shape), TO_TORCH[dtype]).reshape(tuple(shape))
        return values if is_unit else self._between(values, dtype, minval, maxval)

    def random_permutation(self, key: Array, size: int) -> Array:
        """See `Random.random_permutation`."""
        return (_OPERATORS["permutation"] if state.tracing or state.functional else _random_permutation)(key, size)

    def random_shuffle(self, key: Array, shape: Sequence[int], axis: int) -> Array:
        """See `Random.random_shuffle`."""
        return self._drawn("random_shuffle", key, shape, dtypes.int64, (list(shape), axis))

    def random_randint(self, key: Array, shape: Sequence[int], minval: Any, maxval: Any, dtype: dtypes.DType) -> Array:
        """See `Random.random_randint`; on the host, also for accelerators: it takes remainders of unsigned integers."""
        return self._drawn("random_randint", key, shape, dtype, (list(shape), minval, maxval, dtype))

    def random_normal(self, key: Array, shape: Sequence[int], dtype: dtypes.DType = dtypes.float32) -> Array:
        """See `Random.random_normal`."""
        if not _on_host(key):
            return super().random_normal(key, shape, dtype)
        return self._drawn("random_normal", key, shape, dtype, (list(shape), dtype))

    def random_truncated_normal(
        self, key: Array, lower: Any, upper: Any, shape: Sequence[int], dtype: dtypes.DType = dtypes.float32
    ) -> Array:
        """See `Random.random_truncated_normal`."""
        if not _on_host(key):
            return super().random_truncated_normal(key, lower, upper, shape, dtype)
        return self._drawn("random_truncated_normal", key, shape, dtype, (lower, upper, list(shape), dtype))

    def random_exponential(self, key: Array, shape: Sequence[int], dtype: dtypes.DType) -> Array:
        """See `Logarithms.random_exponential`."""
        if not _on_host(key):
            return super().random_exponential(key, shape, dtype)
        return self._drawn("random_exponential", key, shape, dtype, (list(shape), dtype))

    def random_gumbel(self, key: Array, shape: Sequence[int], dtype: dtypes.DType, mode: str) -> Array:
        """See `Logarithms.random_gumbel`."""
        if not _on_host(key):
            return super().random_gumbel(key, shape, dtype, mode)
        return self._drawn("random_gumbel", key, shape, dtype, (list(shape), dtype, mode))

    def random_laplace(self, key: Array, shape: Sequence[int], dtype: dtypes.DType) -> Array:
        """See `Logarithms.random_laplace`."""
        if not _on_host(key):
            return super().random_laplace(key, shape, dtype)
        return self._drawn("random_laplace", key, shape, dtype, (list(shape), dtype))

    def random_logistic(self, key: Array, shape: Sequence[int], dtype: dtypes.DType) -> Array:
        """See `Logarithms.random_logistic`."""
        if not _on_host(key):
            return super().random_logistic(key, shape, dtype)
        return self._drawn("random_logistic", key, shape, dtype, (list(shape), dtype))

    def random_gamma(self, key: Array, alpha: Array, log_space: bool) -> Array:
        """See `Gammas.random_gamma`; on the host, also for accelerators: the loop lasts as long as its values say."""
        return self._drawn("random_gamma", key, alpha.shape, self.dtype_of(alpha), (alpha, log_space))

    def random_poisson(self, key: Array, rate: Array, dtype: dtypes.DType) -> Array:
        """See `Poissons.random_poisson`; on the host, as `random_gamma`."""
        return self._drawn("random_poisson", key, rate.shape, dtype, (rate, dtype))

    def _drawn(
        self, name: str, key: Array, shape: Sequence[int], dtype: dtypes.DType, arguments: tuple[Any, ...]
    ) -> Array:
        """Return a draw made with NumPy: one operator of the graph when tracing."""
        if not (state.tracing or state.functional):
            values = [_conversion.to_numpy(each) if isinstance(each, torch.Tensor) else each for each in arguments]
            return _on_the_host(name, key, values)
        arrays = [each for each in arguments if isinstance(each, torch.Tensor)]
        plain = [
            _ARRAY if isinstance(each, torch.Tensor) else each.name if isinstance(each, np.dtype) else each
            for each in arguments
        ]
        return _OPERATORS["draw"](key, arrays, name, json.dumps(plain), list(shape), TO_TORCH[dtype])
