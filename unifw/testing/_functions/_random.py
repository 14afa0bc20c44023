"""Examples of `unifw.tensor.random`: every one draws with the same key."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

import unifw as uf
from unifw.testing._functions._example import ANY, KEY, POSITIVE, SQUARE, VECTOR, FunctionExample

RANDOM: Final = "Random numbers"


def random() -> tuple[FunctionExample, ...]:
    """Return the examples of all functions of `unifw.random`."""

    def of(name: str, call: Any, *arrays: Any) -> FunctionExample:
        return FunctionExample(f"random.{name}", RANDOM, call, arrays)

    r = uf.random
    simple = "bits exponential gumbel laplace logistic normal rademacher uniform".split()
    mean, covariance = np.asarray([1.0, 0.0, -1.0], np.float32), SQUARE
    return (
        FunctionExample("random.key", RANDOM, lambda: r.key(42)),
        of("split", lambda key: r.split(key, 3), KEY),
        of("fold_in", lambda key: r.fold_in(key, 7), KEY),
        *(of(name, _drawn(name), KEY) for name in simple),
        of("bernoulli", lambda key: r.bernoulli(key, 0.3, (3, 5)), KEY),
        of("beta", lambda key, a: r.beta(key, a, 2.0), KEY, POSITIVE),
        of("categorical", r.categorical, KEY, ANY),
        of("chisquare", r.chisquare, KEY, POSITIVE),
        of("choice", lambda key, x: r.choice(key, x, (3,)), KEY, VECTOR),
        of("dirichlet", r.dirichlet, KEY, POSITIVE),
        of("gamma", r.gamma, KEY, POSITIVE),
        of("loggamma", r.loggamma, KEY, POSITIVE),
        of("multivariate_normal", r.multivariate_normal, KEY, mean, covariance),
        of("permutation", r.permutation, KEY, VECTOR),
        of("poisson", r.poisson, KEY, POSITIVE),
        of("randint", lambda key: r.randint(key, (3, 5), -4, 9), KEY),
        of("t", r.t, KEY, POSITIVE),
        of("truncated_normal", lambda key: r.truncated_normal(key, -2.0, 2.0, (3, 5)), KEY),
    )


def _drawn(name: str) -> Any:
    return lambda key: getattr(uf.random, name)(key, (3, 5))
