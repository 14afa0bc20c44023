"""Gamma-distributed numbers, by rejection."""

from __future__ import annotations

import math
from typing import Any, Final, TypeAlias

import numpy as np

from unifw.backend._composites._base import composite
from unifw.backend._composites._random._normal import Normals
from unifw.backend._composites._random._uniform import TINY

Keys: TypeAlias = tuple[Any, Any]
THIRD: Final = 1 / 3


class Gammas(Normals):
    """Gamma-distributed numbers and their logarithms."""

    @composite
    def random_gamma(self, key: Any, alpha: Any, log_space: bool) -> Any:
        """Return gamma-distributed numbers of shape parameter `alpha`, as `jax.random.gamma` and `loggamma`.

        G. Marsaglia and W. W. Tsang, "A simple method for generating gamma variables", ACM TOMS 26 (2000): proposals
        are drawn until one is accepted. As in JAX each number has a key, and so a stream, of its own; all are drawn
        together, and those already accepted stay. A number whose acceptance hangs on the last bit of a logarithm may
        come from another proposal than in JAX.

        Args:
            key: uint32 (2,).
            alpha: floating-point, of the shape of the result.
            log_space: whether to return logarithms, which are exact where the number itself is too small.
        """
        xp = self.xp
        shape, dtype = self.shape_of(alpha), self.dtype_of(alpha)
        count = math.prod(shape)
        given = xp.reshape(alpha, (count,))
        keys = self.random_split(key, count)
        stream, boosting = self._split_each((keys[..., 0], keys[..., 1]), 2)
        is_large = xp.greater_equal(given, 1.0)
        boosted = xp.where(is_large, given, xp.add(given, 1.0))
        d = xp.subtract(boosted, THIRD)
        c = xp.divide(xp.full_like(d, THIRD), xp.sqrt(d))
        cube = self._accepted(stream, c, d)
        inverse = xp.divide(xp.full_like(given, 1.0), given)
        uniform = self._unit_of(self._first_words(boosting), dtype)
        if log_space:
            exponent = xp.log1p(xp.negative(uniform))
            is_none = xp.logical_or(is_large, xp.equal(exponent, 0.0))
            boost = xp.where(is_none, xp.zeros_like(d), xp.multiply(exponent, inverse))
            values = xp.add(xp.add(xp.log(d), xp.log(cube)), boost)
        else:
            power = xp.pow(xp.subtract(xp.full_like(uniform, 1.0), uniform), inverse)
            boost = xp.where(is_large, xp.full_like(d, 1.0), power)
            values = xp.multiply(xp.multiply(d, cube), boost)
        return xp.reshape(values, shape)

    def _accepted(self, stream: Keys, c: Any, d: Any) -> Any:
        """Return the cubes ``(1 + c x)**3`` of the first accepted proposals."""
        xp = self.xp
        dtype = self.dtype_of(d)

        def above_zero(x: Any) -> Any:  # what has no logarithm decides nothing: 0 is accepted, as tiny numbers are
            return xp.maximum(x, xp.full_like(x, TINY[dtype]))

        def rejected(square: Any, cube: Any, uniform: Any) -> Any:
            one = xp.full_like(square, 1.0)
            unsqueezed = xp.greater_equal(uniform, xp.subtract(one, xp.multiply(xp.multiply(square, square), 0.0331)))
            bound = xp.add(xp.multiply(square, 0.5), xp.multiply(d, xp.add(xp.subtract(one, cube), xp.log(cube))))
            return xp.logical_and(unsqueezed, xp.greater_equal(xp.log(uniform), bound))

        def some_left(_first: Any, _second: Any, _cube: Any, left: Any) -> Any:
            return xp.any(left, axis=None, keepdims=False)

        def propose(first: Any, second: Any, cube: Any, left: Any) -> tuple[Any, ...]:
            following, normals, uniforms = self._split_each((first, second), 3)
            x, base = self._positive(normals, c, left)
            square = xp.multiply(x, x)
            proposed = above_zero(xp.multiply(xp.multiply(base, base), base))
            uniform = above_zero(self._unit_of(self._first_words(uniforms), dtype))
            cube = xp.where(left, proposed, cube)
            return (*following, cube, xp.logical_and(left, rejected(square, proposed, uniform)))

        everything = xp.equal(stream[0], stream[0])
        return self.loop_while(some_left, propose, (*stream, xp.full_like(c, 1.0), everything))[2]

    def _positive(self, stream: Keys, c: Any, wanted: Any) -> tuple[Any, Any]:
        """Return normal numbers x with ``1 + c x`` above 0, and this, where `wanted`."""
        xp = self.xp
        dtype = self.dtype_of(c)
        low = float(np.nextafter(np.asarray(-1, dtype), np.asarray(0, dtype)))

        def some_left(_first: Any, _second: Any, _x: Any, base: Any) -> Any:
            return xp.any(xp.logical_and(wanted, xp.less_equal(base, 0.0)), axis=None, keepdims=False)

        def draw(first: Any, second: Any, x: Any, base: Any) -> tuple[Any, ...]:
            left = xp.less_equal(base, 0.0)
            following, drawing = self._split_each((first, second), 2)
            units = self._unit_of(self._first_words(drawing), dtype)
            normal = self._normal_of(self._between(units, dtype, low, 1.0), dtype)
            drawn = xp.where(left, normal, x)
            return (*following, drawn, xp.where(left, xp.add(xp.multiply(normal, c), 1.0), base))

        return self.loop_while(some_left, draw, (*stream, xp.zeros_like(c), xp.full_like(c, -1.0)))[2:]

    def _split_each(self, keys: Keys, count: int) -> list[Keys]:
        """Split every one of the keys in `count`."""
        zero = self.xp.zeros_like(keys[0])
        return [self._encrypt(keys, zero, self.xp.full_like(keys[0], index)) for index in range(count)]

    def _first_words(self, keys: Keys) -> tuple[Any, Any]:
        """Return the words of counter 0 of each key: what a scalar draw uses."""
        return self._split_each(keys, 1)[0]
