"""Block 7: `vmap` is a loop, and derivatives in every mode agree with difference quotients and each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

import numpy as np

from unifw import dtypes
from unifw.backend import Array, Backend, support_table
from unifw.testing._base import Block, over, widest_float
from unifw.testing._composites import cast, evaluate, flattened
from unifw.testing._control_flow import CONTROL_FLOW
from unifw.testing._difference_quotients import Results, weighted_sum
from unifw.testing._examples import EXAMPLES
from unifw.testing._expect import HostArray, assert_array, assert_values, quotient_tolerance, tolerance_of
from unifw.testing._gradient_examples import XP_EXAMPLES, XpExample
from unifw.testing._mapping import MAPPING

_AT_ONCE: Final = 16
_FACTORS: Final = (1.0, 0.875, 0.75)  # which keep all examples within the domains of their functions


class _Case(NamedTuple):
    """Something to map or differentiate."""

    label: str
    results: Results
    arrays: tuple[HostArray, ...]


class _Group(NamedTuple):
    """Cases that are compiled together, since compiling each would take most of the time."""

    label: str
    cases: tuple[_Case, ...]


def _of_namespace(example: XpExample) -> _Case:
    return _Case(example.label, lambda owner, arrays: flattened(example.call(owner.xp, *arrays)), example.arrays)


def _cases(backend: Backend) -> list[_Case]:
    """Return the differentiable functions of `xp`, and one variant of each composite that the backend overrides."""
    table = support_table(backend)
    first = {example.name: example for example in reversed(EXAMPLES) if example.differentiable}
    composites = [
        _Case(each.label, lambda owner, arrays, each=each: evaluate(each, owner, arrays), each.arrays)  # type: ignore[misc]
        for each in first.values()
        if table[each.name] == "native"  # the others are made of functions of `xp`
    ]
    return [*map(_of_namespace, XP_EXAMPLES), *composites]


def _grouped(*needed: str) -> Callable[[Backend], list[_Group]]:
    def groups(backend: Backend) -> list[_Group]:
        table = support_table(backend)
        if any(table[name] == "unsupported" for name in needed):
            return []
        cases = _cases(backend)
        parts = [tuple(cases[start : start + _AT_ONCE]) for start in range(0, len(cases), _AT_ONCE)]
        return [_Group(f"{part[0].label}-to-{part[-1].label}", part) for part in parts]

    return groups


def compiled(
    backend: Backend, function: Callable[[list[Array], Backend], list[Array]], arrays: Sequence[Array]
) -> list[Array]:
    """Return the results of a function, compiled where that is cheap: there, single operations are what is dear."""
    if backend.capabilities.compilation != "cheap":
        return function(list(arrays), backend)
    return backend.jit(lambda traced, owner: (function(traced, owner), None))(list(arrays))[0]


@contextmanager
def _naming(case: _Case) -> Iterator[None]:
    """Say in a failure which case of a group it was."""
    try:
        yield
    except AssertionError as error:
        raise AssertionError(f"{case.label}: {error}") from error


def _floats(case: _Case) -> list[int]:
    return [index for index, array in enumerate(case.arrays) if array.dtype == np.float64]


def _axes(case: _Case) -> list[int | None]:
    floats = _floats(case)
    return [index % (array.ndim + 1) if index in floats else None for index, array in enumerate(case.arrays)]


def _stacked(case: _Case) -> list[HostArray]:
    return [
        array if axis is None else np.stack([array * factor for factor in _FACTORS], axis=axis)
        for array, axis in zip(case.arrays, _axes(case), strict=True)
    ]


def _mapped_and_looped(case: _Case, arrays: list[Array], owner: Backend) -> list[Array]:
    """Return the stacked results of `vmap`, then those of each application."""
    axes = _axes(case)
    found = owner.vmap(lambda slices, inner: case.results(inner, slices), arrays, axes, len(_FACTORS))
    for index in range(len(_FACTORS)):
        slices = [
            array if axis is None else array[(*[slice(None)] * axis, index, ...)]
            for array, axis in zip(arrays, axes, strict=True)
        ]
        found = [*found, *case.results(owner, slices)]
    return found


def _directions(case: _Case) -> list[HostArray]:
    arrays = [case.arrays[index] for index in _floats(case)]
    return [np.cos(np.arange(array.size) + 0.5).reshape(array.shape) + 0.1 for array in arrays]


def _slopes(case: _Case, operands: list[Array], along: list[Array], owner: Backend, dtype: dtypes.DType) -> list[Array]:
    """Return the slope along a direction by `jvp`, by `vjp`, and by the central difference quotient of fourth order."""
    chosen = [operands[index] for index in _floats(case)]
    step = 1e-3 if dtype == dtypes.float64 else 3e-2

    def total(moved: list[Array], inner: Backend) -> Array:
        every = list(operands)
        for index, array in zip(_floats(case), moved, strict=True):
            every[index] = array
        return weighted_sum(case.results(inner, every), inner)

    def at(factor: float) -> Array:
        pairs = zip(chosen, along, strict=True)
        return total([owner.xp.add(x, owner.xp.multiply(d, factor * step)) for x, d in pairs], owner)

    _, _, (forward,) = owner.jvp(lambda x, inner: ([total(x, inner)], []), chosen, along)
    values, _, pullback = owner.vjp(lambda x, inner: ([total(x, inner)], []), chosen)
    backward = owner.asarray(np.zeros((), dtype))
    for gradient, direction in zip(pullback([owner.xp.ones_like(values[0])]), along, strict=True):
        product = owner.xp.sum(owner.xp.multiply(gradient, direction), axis=None, keepdims=False)
        backward = owner.xp.add(backward, product)
    near = owner.xp.multiply(owner.xp.subtract(at(1.0), at(-1.0)), 8.0)
    far = owner.xp.subtract(at(2.0), at(-2.0))
    return [forward, backward, owner.xp.divide(owner.xp.subtract(near, far), 12.0 * step)]


class Transforms(Block):
    """`vmap`, `jvp`, `vjp`, loops and branches."""

    @over("group", _grouped("vmap"))
    def test_vmap_is_a_loop(self, backend: Backend, group: _Group) -> None:
        """Floating-point operands are mapped, each along another axis; others are shared by all applications."""
        operands = [stacked for case in group.cases for stacked in _stacked(case)]

        def every(arrays: list[Array], owner: Backend) -> list[Array]:
            taken = iter(arrays)
            found = [_mapped_and_looped(case, [next(taken) for _ in case.arrays], owner) for case in group.cases]
            counts[:] = [len(each) for each in found]
            return [result for each in found for result in each]

        counts: list[int] = []
        results = iter(compiled(backend, every, [backend.asarray(cast(each, dtypes.float32)) for each in operands]))
        for case, count in zip(group.cases, counts, strict=True):
            found = [next(results) for _ in range(count)]
            each = count // (len(_FACTORS) + 1)
            for position in range(each):
                rows = [backend.to_numpy(row) for row in found[each:][position::each]]
                kind = backend.dtype_of(found[each + position])
                with _naming(case):
                    assert_array(backend, found[position], np.stack(rows), kind)

    @over("group", _grouped("vjp", "jvp"))
    def test_both_modes_agree_with_difference_quotients(self, backend: Backend, group: _Group) -> None:
        """The slope of a weighted sum of results along a direction, found in three ways."""
        dtype = widest_float(backend)
        given = [cast(array, dtype) for case in group.cases for array in (*case.arrays, *_directions(case))]

        def every(arrays: list[Array], owner: Backend) -> list[Array]:
            taken = iter(arrays)
            return [
                slope
                for case in group.cases
                for slope in _slopes(
                    case, [next(taken) for _ in case.arrays], [next(taken) for _ in _floats(case)], owner, dtype
                )
            ]

        found = [backend.to_numpy(each) for each in compiled(backend, every, [backend.asarray(each) for each in given])]
        for case, forward, backward, quotient in zip(group.cases, found[::3], found[1::3], found[2::3], strict=True):
            with _naming(case):
                assert_values(forward, backward, tolerance_of(backend, dtype), "jvp against vjp")
                assert_values(forward, quotient, quotient_tolerance(backend, dtype), "jvp against difference quotient")

    @over("contract", lambda backend: MAPPING if support_table(backend)["vmap"] != "unsupported" else [])
    def test_vmap(self, backend: Backend, contract: str) -> None:
        """What `Backend.vmap` promises beside the values."""
        MAPPING[contract](backend)

    @over("contract", lambda backend: [name for name, (needed, _) in CONTROL_FLOW.items() if _has(backend, needed)])
    def test_control_flow(self, backend: Backend, contract: str) -> None:
        """`cond`, `while_loop`, `scan`, `checkpoint` and `custom_vjp` do what Python does."""
        CONTROL_FLOW[contract][1](backend)


def _has(backend: Backend, needed: tuple[str, ...]) -> bool:
    table: dict[str, Any] = dict(support_table(backend))
    return all(table[name] != "unsupported" for name in needed)
