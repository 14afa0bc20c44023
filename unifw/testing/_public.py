"""Block 11: what users call, through `unifw`'s own functions: values, determinism, `jit` and `vmap`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np
import pytest

from unifw import dtypes, transforms
from unifw.backend import Backend, get_backend, operations_of, support_table, use_backend
from unifw.errors import UnifwError
from unifw.tensor import Tensor, asarray, tree
from unifw.testing._base import Block, over
from unifw.testing._expect import HostArray, assert_array, assert_bits
from unifw.testing._functions import FUNCTIONS, FunctionExample

_AT_ONCE: Final = 24  # compiled together, since compiling each would take most of the time
_REFERENCE: Final = "numpy"


_advice_is_no_failure = pytest.mark.filterwarnings("ignore::UserWarning")  # of what is slow, by whoever compiles


class _Group(NamedTuple):
    """Examples that are compiled together."""

    label: str
    examples: tuple[FunctionExample, ...]


def _refused(backend: Backend) -> list[FunctionExample]:
    refused = {each.name for each in operations_of(backend) if each.support == "unsupported"}
    return [each for each in FUNCTIONS if each.name in refused]


def _supported(backend: Backend) -> list[FunctionExample]:
    refused = {each.name for each in _refused(backend)}
    return [each for each in FUNCTIONS if each.name not in refused]


def _grouped(chosen: Callable[[FunctionExample], bool], needed: str) -> Callable[[Backend], list[_Group]]:
    def groups(backend: Backend) -> list[_Group]:
        if support_table(backend)[needed] == "unsupported":
            return []
        examples = [each for each in _supported(backend) if each.traces and chosen(each)]
        parts = [tuple(examples[start : start + _AT_ONCE]) for start in range(0, len(examples), _AT_ONCE)]
        return [_Group(f"{part[0].name}-to-{part[-1].name}", part) for part in parts]

    return groups


def _results(backend: Backend, example: FunctionExample, operands: Sequence[Any]) -> list[Tensor]:
    with use_backend(backend):
        return _tensors(example.call(*operands))


def _tensors(result: Any) -> list[Tensor]:
    return [leaf for leaf in tree.leaves(result) if isinstance(leaf, Tensor)]


def _operands(backend: Backend, example: FunctionExample) -> list[Tensor]:
    return [asarray(array, backend=backend) for array in example.arrays]


def _flat(example: FunctionExample) -> Callable[..., list[Tensor]]:
    return lambda *operands: _tensors(example.call(*operands))


@cache
def _expected(reference: Backend, example: str) -> list[HostArray]:
    found = next(each for each in FUNCTIONS if each.name == example)
    return [np.asarray(each) for each in _results(reference, found, _operands(reference, found))]


def _mapped(array: HostArray) -> bool:
    """Return whether `vmap` goes over an operand: numbers and keys; places and masks are shared."""
    return bool(array.dtype.kind == "f" or array.dtype == np.uint32)


def _pair(array: HostArray) -> HostArray:
    """Return two operands, stacked: the second a little smaller, which is within all domains; of keys, another."""
    other = array * np.float32(0.875) if array.dtype.kind == "f" else array + np.uint32(1)
    return np.stack([array, other.astype(array.dtype)])


def _is_mappable(example: FunctionExample) -> bool:
    # Random numbers of one key need not be those of a row of keys, in JAX neither; its tests of `vmap` say where.
    return example.unique and any(map(_mapped, example.arrays)) and not example.name.startswith("random.")


class Functions(Block):
    """Everything public that computes."""

    @over("example", _supported)
    def test_function(self, backend: Backend, example: FunctionExample) -> None:
        """The same dtypes, shapes and values as on NumPy; and the same bits when it runs again."""
        first = _results(backend, example, _operands(backend, example))
        again = _results(backend, example, _operands(backend, example))
        expected = _expected(get_backend(_REFERENCE), example.name)
        assert len(first) == len(again) == len(expected)
        for result, repeated, wanted in zip(first, again, expected, strict=True):
            assert_bits(backend, repeated.native, backend.to_numpy(result.native), result.dtype)
            if example.unique:
                assert_array(backend, result.native, wanted, dtypes.as_dtype(wanted.dtype))

    @over("example", _refused)
    def test_function_that_is_unsupported_says_so(self, backend: Backend, example: FunctionExample) -> None:
        """As the support matrix does: an error of `unifw.errors`, not a native one from inside."""
        with pytest.raises(UnifwError):
            _results(backend, example, _operands(backend, example))

    @_advice_is_no_failure
    @over("group", _grouped(lambda _: True, "jit"))
    def test_jit_of_functions_is_eager(self, backend: Backend, group: _Group) -> None:
        operands = [_operands(backend, example) for example in group.examples]

        def every(given: list[list[Tensor]]) -> list[Any]:
            pairs = zip(group.examples, given, strict=True)
            return [_tensors(example.call(*arrays)) for example, arrays in pairs]

        with use_backend(backend):
            compiled = transforms.jit(every)(operands)
        for example, arrays, found in zip(group.examples, operands, compiled, strict=True):
            for result, eager in zip(found, _results(backend, example, arrays), strict=True):
                _same(backend, example, result, eager)

    @_advice_is_no_failure
    @over("group", _grouped(_is_mappable, "vmap"))
    def test_vmap_of_functions_is_a_loop(self, backend: Backend, group: _Group) -> None:
        for example in group.examples:
            axes = tuple(0 if _mapped(array) else None for array in example.arrays)
            stacked = [_pair(array) if _mapped(array) else array for array in example.arrays]
            operands = [asarray(array, backend=backend) for array in stacked]
            with use_backend(backend):
                mapped = transforms.vmap(lambda *rows, each=example: _tensors(each.call(*rows)), in_axes=axes)(
                    *operands
                )
            rows = [
                _results(backend, example, [x[row] if axis == 0 else x for x, axis in zip(operands, axes, strict=True)])
                for row in range(2)
            ]
            for result, *looped in zip(mapped, *rows, strict=True):
                for row, alone in enumerate(looped):
                    _same(backend, example, result[row], alone)


def _same(backend: Backend, example: FunctionExample, result: Tensor, expected: Tensor) -> None:
    """Fail, naming the example, unless two results agree within the backend's tolerance."""
    if not example.unique:
        assert (result.dtype, result.shape) == (expected.dtype, expected.shape), example.name
        return
    try:
        assert_array(backend, result.native, backend.to_numpy(expected.native), expected.dtype)
    except AssertionError as error:
        raise AssertionError(f"{example.name}: {error}") from error
