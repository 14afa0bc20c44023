"""What `Backend.value_and_grad` promises beside the derivative."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from unifw import dtypes
from unifw.backend import Array, Backend
from unifw.testing._difference_quotients import gradients_of, total
from unifw.testing._expect import assert_array


def _pair(backend: Backend) -> list[Array]:
    return [backend.asarray(np.asarray([1.0, 2.0], np.float32)), backend.asarray(np.asarray([3.0, 4.0], np.float32))]


def _gives_value_and_auxiliaries(backend: Backend) -> None:
    def function(traced: list[Array], owner: Backend) -> tuple[Array, list[Array]]:
        product = owner.xp.multiply(*traced)
        return total(owner, product), [product, owner.asarray([7, 8])]

    value, (product, constant), gradients = backend.value_and_grad(function, _pair(backend))
    assert_array(backend, value, 11.0, dtypes.float32)
    assert_array(backend, product, [3.0, 8.0], dtypes.float32)
    assert_array(backend, constant, [7, 8], dtypes.int64)
    assert_array(backend, gradients[0], [3.0, 4.0], dtypes.float32)
    assert_array(backend, gradients[1], [1.0, 2.0], dtypes.float32)


def _gives_zeros_for_what_is_not_used(backend: Backend) -> None:
    gradients = gradients_of(backend, lambda traced, owner: total(owner, traced[0]), _pair(backend))
    assert_array(backend, gradients[0], [1.0, 1.0], dtypes.float32)
    assert_array(backend, gradients[1], [0.0, 0.0], dtypes.float32)


def _runs_the_function_once(backend: Backend) -> None:
    runs = []

    def function(traced: list[Array], owner: Backend) -> tuple[Array, list[Array]]:
        runs.append(owner)
        return total(owner, traced[0]), []

    backend.value_and_grad(function, _pair(backend))
    assert len(runs) == 1
    assert isinstance(runs[0], Backend)


def _leaves_its_arguments_alone(backend: Backend) -> None:
    arrays = _pair(backend)
    gradients_of(backend, lambda traced, owner: total(owner, owner.xp.multiply(*traced)), arrays)
    assert_array(backend, arrays[0], [1.0, 2.0], dtypes.float32)
    assert_array(backend, backend.xp.add(arrays[0], arrays[1]), [4.0, 6.0], dtypes.float32)


def _stops_where_told(backend: Backend) -> None:
    def loss(traced: list[Array], owner: Backend) -> Array:
        return total(owner, owner.xp.multiply(traced[0], owner.stop_gradient(traced[0])))

    gradients = gradients_of(backend, loss, _pair(backend)[:1])
    assert_array(backend, gradients[0], [1.0, 2.0], dtypes.float32)


def _goes_through_a_conversion(backend: Backend) -> None:
    if dtypes.float64 not in backend.capabilities.dtypes:
        return

    def loss(traced: list[Array], owner: Backend) -> Array:
        return total(owner, owner.xp.square(owner.astype(traced[0], dtypes.float64)))

    gradients = gradients_of(backend, loss, _pair(backend)[:1])
    assert_array(backend, gradients[0], [2.0, 4.0], dtypes.float32)


def _goes_through_conditions_on_values_that_are_not_traced(backend: Backend) -> None:
    mask = backend.asarray([True, False])

    def loss(traced: list[Array], owner: Backend) -> Array:
        return total(owner, owner.xp.where(mask, traced[0], owner.xp.zeros_like(traced[0])))

    gradients = gradients_of(backend, loss, _pair(backend)[:1])
    assert_array(backend, gradients[0], [1.0, 0.0], dtypes.float32)


def _adds_up_what_is_used_twice(backend: Backend) -> None:
    def loss(traced: list[Array], owner: Backend) -> Array:
        x = traced[0]
        return total(owner, owner.xp.add(owner.xp.multiply(x, x), x))

    gradients = gradients_of(backend, loss, _pair(backend)[:1])
    assert_array(backend, gradients[0], [3.0, 5.0], dtypes.float32)


def _differentiates_a_scalar(backend: Backend) -> None:
    gradients = gradients_of(backend, lambda traced, owner: owner.xp.square(traced[0]), [backend.asarray(3.0)])
    assert_array(backend, gradients[0], 6.0, dtypes.float32)


CONTRACTS: Final[dict[str, Callable[[Backend], None]]] = {
    function.__name__.strip("_"): function
    for function in (
        _gives_value_and_auxiliaries,
        _gives_zeros_for_what_is_not_used,
        _runs_the_function_once,
        _leaves_its_arguments_alone,
        _stops_where_told,
        _goes_through_a_conversion,
        _goes_through_conditions_on_values_that_are_not_traced,
        _adds_up_what_is_used_twice,
        _differentiates_a_scalar,
    )
}
