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
    simple = "bits cauchy exponential gumbel laplace logistic maxwell normal rademacher uniform".split()
    mean, covariance = np.asarray([1.0, 0.0, -1.0], np.float32), SQUARE
    return (
        FunctionExample("random.key", RANDOM, lambda: r.key(42)),
        of("split", lambda key: r.split(key, 3), KEY),
        of("fold_in", lambda key: r.fold_in(key, 7), KEY),
        *(of(name, _drawn(name), KEY) for name in simple),
        of("clone", r.clone, KEY),
        of("key_data", r.key_data, KEY),
        of("wrap_key_data", r.wrap_key_data, KEY),
        of("ball", lambda key: r.ball(key, 3, 2.0, (4,)), KEY),
        of("bernoulli", lambda key: r.bernoulli(key, 0.3, (3, 5)), KEY),
        of("beta", lambda key, a: r.beta(key, a, 2.0), KEY, POSITIVE),
        of("categorical", r.categorical, KEY, ANY),
        of("chisquare", r.chisquare, KEY, POSITIVE),
        of("choice", lambda key, x: r.choice(key, x, (3,)), KEY, VECTOR),
        of("dirichlet", r.dirichlet, KEY, POSITIVE),
        of("double_sided_maxwell", lambda key: r.double_sided_maxwell(key, 0.5, 2.0, (3, 5)), KEY),
        of("f", lambda key, d: r.f(key, d, 3.0), KEY, POSITIVE),
        of("gamma", r.gamma, KEY, POSITIVE),
        of("generalized_normal", lambda key: r.generalized_normal(key, 1.5, (3, 5)), KEY),
        of("geometric", lambda key: r.geometric(key, 0.3, (3, 5)), KEY),
        of("loggamma", r.loggamma, KEY, POSITIVE),
        of("lognormal", lambda key: r.lognormal(key, 0.5, (3, 5)), KEY),
        of("multivariate_normal", r.multivariate_normal, KEY, mean, covariance),
        of("orthogonal", lambda key: r.orthogonal(key, 3), KEY),
        of("pareto", r.pareto, KEY, POSITIVE),
        of("permutation", r.permutation, KEY, VECTOR),
        of("poisson", r.poisson, KEY, POSITIVE),
        of("randint", lambda key: r.randint(key, (3, 5), -4, 9), KEY),
        of("rayleigh", r.rayleigh, KEY, POSITIVE),
        of("t", r.t, KEY, POSITIVE),
        of("triangular", lambda key: r.triangular(key, -1.0, 0.5, 2.0, (3, 5)), KEY),
        of("truncated_normal", lambda key: r.truncated_normal(key, -2.0, 2.0, (3, 5)), KEY),
        of("wald", r.wald, KEY, POSITIVE),
        of("weibull_min", lambda key: r.weibull_min(key, 2.0, 1.5, (3, 5)), KEY),
    )


def _drawn(name: str) -> Any:
    return lambda key: getattr(uf.random, name)(key, (3, 5))
