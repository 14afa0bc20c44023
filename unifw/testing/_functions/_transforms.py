"""Examples of transforms: each of a small function of tensors."""

from __future__ import annotations

from typing import Any, Final

import unifw as uf
from unifw.testing._functions._example import ANY, OTHER, VECTOR, FunctionExample

TRANSFORMS: Final = "Transforms"


def _loss(x: Any) -> Any:
    return uf.sum(uf.square(x) * x)


def _sine(x: Any) -> Any:
    return uf.sin(x) * x


def _jitted(x: Any) -> Any:
    return uf.jit(_sine)(x)


def _custom() -> Any:
    @uf.custom_vjp
    def clipped(x: Any) -> Any:
        return _sine(x)

    clipped.defvjp(lambda x: (_sine(x), uf.cos(x)), lambda kept, g: (uf.clip(g * kept, -0.5, 0.5),))
    return clipped


def transforms() -> tuple[FunctionExample, ...]:
    """Return the examples of all transforms."""

    def of(name: str, call: Any, *arrays: Any) -> FunctionExample:
        return FunctionExample(name, TRANSFORMS, call, arrays)

    return (
        of("grad", uf.grad(_loss), ANY),
        of("value_and_grad", uf.value_and_grad(_loss), ANY),
        of("vjp", lambda x, y: uf.vjp(_sine, x)[1](y), ANY, OTHER),
        of("jvp", lambda x, y: uf.jvp(_sine, (x,), (y,)), ANY, OTHER),
        of("jacrev", uf.jacrev(_sine), VECTOR),
        of("jacfwd", uf.jacfwd(_sine), VECTOR),
        of("hessian", lambda x: (uf.hessian(_loss)(x), uf.jacrev(_loss)(x)), VECTOR),  # its inner half, seen alone
        of("jit", _jitted, ANY),
        of("vmap", uf.vmap(_loss), ANY),
        of("cond", lambda x: uf.cond(uf.sum(x) > 0, _sine, uf.negative, x), ANY),
        of("fori_loop", lambda x: uf.fori_loop(0, 3, lambda _, c: _sine(c) + 0.5, x), ANY),
        FunctionExample(
            "while_loop",
            TRANSFORMS,
            lambda x: uf.while_loop(lambda c: uf.sum(uf.abs(c)) < 100, lambda c: c * 2, x),
            (ANY,),
        ),
        of("scan", lambda x, y: uf.scan(lambda c, row: (c * 0.5 + row, _sine(c)), y, x), ANY, ANY[0]),
        of("checkpoint", uf.checkpoint(_sine), ANY),
        of("custom_vjp", lambda x: (_custom()(x), uf.grad(lambda x: uf.sum(_custom()(x)))(x)), ANY),
    )
