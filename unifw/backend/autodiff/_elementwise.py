"""Derivatives of the elementwise functions, as data: one line each, in JAX's conventions."""
# ruff: noqa: ARG005 - all rules of a table take the same arguments, whether they need them or not

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

from unifw.backend.autodiff._recorder import Function, Recorder

# From (xp, gradient, operand, result) to the operand's gradient.
UNARY: Final[dict[str, Callable[..., Any]]] = {
    "abs": lambda xp, g, x, y: xp.multiply(g, xp.sign(x)),
    "acos": lambda xp, g, x, y: xp.negative(xp.divide(g, xp.sqrt(xp.subtract(1.0, xp.square(x))))),
    "acosh": lambda xp, g, x, y: xp.divide(g, xp.multiply(xp.sqrt(xp.subtract(x, 1.0)), xp.sqrt(xp.add(x, 1.0)))),
    "asin": lambda xp, g, x, y: xp.divide(g, xp.sqrt(xp.subtract(1.0, xp.square(x)))),
    "asinh": lambda xp, g, x, y: xp.divide(g, xp.sqrt(xp.add(xp.square(x), 1.0))),
    "atan": lambda xp, g, x, y: xp.divide(g, xp.add(xp.square(x), 1.0)),
    "atanh": lambda xp, g, x, y: xp.divide(g, xp.subtract(1.0, xp.square(x))),
    "conj": lambda xp, g, x, y: g,  # of real numbers: the tape knows no others
    "cos": lambda xp, g, x, y: xp.negative(xp.multiply(g, xp.sin(x))),
    "cosh": lambda xp, g, x, y: xp.multiply(g, xp.sinh(x)),
    "exp": lambda xp, g, x, y: xp.multiply(g, y),
    "expm1": lambda xp, g, x, y: xp.multiply(g, xp.add(y, 1.0)),
    "log": lambda xp, g, x, y: xp.divide(g, x),
    "log10": lambda xp, g, x, y: xp.divide(xp.multiply(g, 1 / math.log(10)), x),
    "log1p": lambda xp, g, x, y: xp.divide(g, xp.add(x, 1.0)),
    "log2": lambda xp, g, x, y: xp.divide(xp.multiply(g, 1 / math.log(2)), x),
    "negative": lambda xp, g, x, y: xp.negative(g),
    "real": lambda xp, g, x, y: g,
    "reciprocal": lambda xp, g, x, y: xp.negative(xp.multiply(g, xp.square(y))),
    "sin": lambda xp, g, x, y: xp.multiply(g, xp.cos(x)),
    "sinh": lambda xp, g, x, y: xp.multiply(g, xp.cosh(x)),
    "sqrt": lambda xp, g, x, y: xp.divide(xp.multiply(g, 0.5), y),
    "square": lambda xp, g, x, y: xp.multiply(xp.multiply(g, x), 2.0),
    "tan": lambda xp, g, x, y: xp.multiply(g, xp.add(xp.square(y), 1.0)),
    "tanh": lambda xp, g, x, y: xp.multiply(g, xp.subtract(1.0, xp.square(y))),
}


def _is_scalar(x: Any) -> bool:
    return isinstance(x, (int, float, complex))


def _power_base(xp: Any, g: Any, x: Any, y: Any, _result: Any) -> Any:
    if _is_scalar(y):
        return xp.multiply(g, xp.multiply(xp.pow(x, y - 1), y)) if y else xp.zeros_like(g)
    exponent = xp.where(xp.equal(y, 0), xp.ones_like(y), xp.subtract(y, 1.0))  # 0 * x**-1 must be 0, not NaN
    return xp.multiply(g, xp.multiply(xp.pow(x, exponent), y))


def _power_exponent(xp: Any, g: Any, x: Any, _y: Any, result: Any) -> Any:
    if _is_scalar(x):
        return xp.multiply(xp.multiply(g, result), math.log(x) if x > 0 else 0.0 if x == 0 else math.nan)
    return xp.multiply(g, xp.multiply(result, xp.log(xp.where(xp.equal(x, 0), xp.ones_like(x), x))))


def _winner(wins: str, first: bool) -> Callable[..., Any]:
    """Return the rule of `maximum` and `minimum`: the winner takes the gradient, equals take half each."""

    def rule(xp: Any, g: Any, x: Any, y: Any, _result: Any) -> Any:
        won = getattr(xp, wins)(x, y) if first else getattr(xp, wins)(y, x)
        return xp.where(won, g, xp.where(xp.equal(x, y), xp.multiply(g, 0.5), 0.0))

    return rule


def _arc(xp: Any, g: Any, x: Any, y: Any, factor: Any) -> Any:
    squares = [each * each if _is_scalar(each) else xp.square(each) for each in (x, y)]
    return xp.divide(xp.multiply(g, factor), xp.add(*squares))


# From (xp, gradient, first, second, result) to the gradients of the first and of the second operand. One of the
# operands may be a Python scalar.
BINARY: Final[dict[str, tuple[Callable[..., Any], Callable[..., Any]]]] = {
    "add": (lambda xp, g, x, y, z: g, lambda xp, g, x, y, z: g),
    "atan2": (lambda xp, g, x, y, z: _arc(xp, g, x, y, y), lambda xp, g, x, y, z: xp.negative(_arc(xp, g, x, y, x))),
    "copysign": (
        lambda xp, g, x, y, z: xp.where(xp.equal(xp.signbit(x), xp.signbit(z)), g, xp.negative(g)),
        lambda xp, g, x, y, z: xp.zeros_like(g),
    ),
    "divide": (
        lambda xp, g, x, y, z: xp.divide(g, y),
        lambda xp, g, x, y, z: xp.negative(xp.divide(xp.multiply(g, z), y)),
    ),
    "hypot": (
        lambda xp, g, x, y, z: xp.multiply(g, xp.divide(x, z)),
        lambda xp, g, x, y, z: xp.multiply(g, xp.divide(y, z)),
    ),
    "logaddexp": (
        lambda xp, g, x, y, z: xp.multiply(g, xp.exp(xp.subtract(x, z))),
        lambda xp, g, x, y, z: xp.multiply(g, xp.exp(xp.subtract(y, z))),
    ),
    "maximum": (_winner("greater", True), _winner("greater", False)),
    "minimum": (_winner("less", True), _winner("less", False)),
    "multiply": (lambda xp, g, x, y, z: xp.multiply(g, y), lambda xp, g, x, y, z: xp.multiply(g, x)),
    "pow": (_power_base, _power_exponent),
    "remainder": (
        lambda xp, g, x, y, z: g,
        lambda xp, g, x, y, z: xp.negative(xp.multiply(g, xp.floor(xp.divide(x, y)))),
    ),
    "subtract": (lambda xp, g, x, y, z: g, lambda xp, g, x, y, z: xp.negative(g)),
}

# Zero almost everywhere, or not of a floating-point dtype.
CONSTANT: Final = (
    "bitwise_and", "bitwise_invert", "bitwise_left_shift", "bitwise_or", "bitwise_right_shift", "bitwise_xor", "ceil",
    "equal", "floor", "floor_divide", "greater", "greater_equal", "imag", "isfinite", "isinf", "isnan", "less",
    "less_equal",
    "logical_and", "logical_not", "logical_or", "logical_xor", "nextafter", "not_equal", "round", "sign", "signbit",
    "trunc",
)  # fmt: skip


def elementwise(recorder: Recorder) -> dict[str, Function]:
    """Return the differentiable elementwise functions of one tape."""
    xp = recorder.xp
    functions: dict[str, Function] = {name: recorder.constant(getattr(xp, name)) for name in CONSTANT}
    functions |= {name: _unary(recorder, getattr(xp, name), rule) for name, rule in UNARY.items()}
    functions |= {name: _binary(recorder, getattr(xp, name), *rules) for name, rules in BINARY.items()}
    functions["where"] = _where(recorder)
    maximum, minimum = functions["maximum"], functions["minimum"]

    def clip(x: Any, /, min: Any = None, max: Any = None) -> Any:
        if min is not None:
            x = maximum(x, min)
        return x if max is None else minimum(x, max)

    functions["clip"] = clip
    return functions


def _unary(recorder: Recorder, function: Function, rule: Callable[..., Any]) -> Function:
    node, xp = recorder.node, recorder.xp

    def apply(x: Any, /) -> Any:
        if type(x) is not node:
            return function(x)
        value = x.value
        result = function(value)
        return node(result, (x,), (lambda g: rule(xp, g, value, result),))

    return apply


def _binary(recorder: Recorder, function: Function, rule_x: Callable[..., Any], rule_y: Callable[..., Any]) -> Function:
    node, xp, unbroadcast = recorder.node, recorder.xp, recorder.unbroadcast

    def apply(x: Any, y: Any, /) -> Any:
        if type(x) is node:
            a = x.value
            if type(y) is node:
                b = y.value
                result = function(a, b)
                return node(
                    result,
                    (x, y),
                    (
                        lambda g: unbroadcast(rule_x(xp, g, a, b, result), a),
                        lambda g: unbroadcast(rule_y(xp, g, a, b, result), b),
                    ),
                )
            result = function(a, y)
            return node(result, (x,), (lambda g: unbroadcast(rule_x(xp, g, a, y, result), a),))
        if type(y) is node:
            b = y.value
            result = function(x, b)
            return node(result, (y,), (lambda g: unbroadcast(rule_y(xp, g, x, b, result), b),))
        return function(x, y)

    return apply


def _where(recorder: Recorder) -> Function:
    xp, value, unbroadcast = recorder.xp, recorder.value, recorder.unbroadcast

    def where(condition: Any, x: Any, y: Any, /) -> Any:
        chosen, a, b = value(condition), value(x), value(y)
        return recorder.record(
            xp.where(chosen, a, b),
            (x, lambda g: unbroadcast(xp.where(chosen, g, 0.0), a)),
            (y, lambda g: unbroadcast(xp.where(chosen, 0.0, g), b)),
        )

    return where
