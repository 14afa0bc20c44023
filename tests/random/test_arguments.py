"""Wrong calls: one error, one text, on every backend."""

from __future__ import annotations

import pytest

import unifw as uf
from unifw.errors import ArgumentError, BoundsError, DTypeError, ShapeError

r = uf.random

CALLS = {
    "seed": (lambda k: r.key(1.5), ArgumentError, "integer seed, got 1.5"),
    "no key": (lambda k: r.bits(uf.zeros(2)), ArgumentError, r"needs a key \(uint32, shape \(2,\)\), got float32"),
    "keys": (lambda k: r.normal(r.split(k, 3)), ArgumentError, r"needs one key .* got an array of keys .*\(3, 2\)"),
    "negative size": (lambda k: r.bits(k, (-1,)), ShapeError, "cannot be negative"),
    "shape": (lambda k: r.uniform(k, "ab"), ShapeError, "a shape is a tuple of integers"),
    "real shape": (lambda k: r.normal(k, (2.5,)), ShapeError, r"got shape \(2.5,\)"),
    "split": (lambda k: r.split(k, -1), ShapeError, "cannot be negative"),
    "fold_in": (lambda k: r.fold_in(k, uf.asarray(0.5)), DTypeError, "integer scalar"),
    "bits dtype": (lambda k: r.bits(k, (), "int32"), DTypeError, "unsigned integers"),
    "uniform dtype": (lambda k: r.uniform(k, (), "int32"), DTypeError, "floating-point"),
    "uniform limits": (lambda k: r.uniform(k, minval=2.0, maxval=1.0), ArgumentError, "minval=2.0 and maxval=1.0"),
    "limits' shape": (lambda k: r.uniform(k, (2,), minval=uf.zeros(3)), ShapeError, r"\(3,\).*broadcast to.*\(2,\)"),
    "parameters' shapes": (lambda k: r.beta(k, uf.ones(2), uf.ones(3)), ShapeError, "do not broadcast"),
    "boolean parameter": (lambda k: r.gamma(k, uf.asarray([True])), DTypeError, "real numbers, got bool"),
    "truncation": (lambda k: r.truncated_normal(k, 1.0, 1.0), ArgumentError, "lower must be the smaller"),
    "randint limits": (lambda k: r.randint(k, (), 3, 3), ArgumentError, "minval=3 and maxval=3"),
    "randint real": (lambda k: r.randint(k, (), 0, 3.5), DTypeError, "integers as limits"),
    "randint dtype": (lambda k: r.randint(k, (), 0, 3, "float32"), DTypeError, "gives integers"),
    "rademacher dtype": (lambda k: r.rademacher(k, (), "uint8"), DTypeError, "uint8 does not hold both"),
    "probability": (lambda k: r.bernoulli(k, 1.5), ArgumentError, "p=1.5"),
    "integer probability": (lambda k: r.bernoulli(k, uf.asarray([1])), DTypeError, "floating-point probability"),
    "mode": (lambda k: r.bernoulli(k, mode="medium"), ArgumentError, "'low' or 'high'"),
    "gumbel mode": (lambda k: r.gumbel(k, mode="highest"), ArgumentError, "'low' or 'high'"),
    "gamma": (lambda k: r.gamma(k, 0.0), ArgumentError, "a=0.0; it must be above 0"),
    "df": (lambda k: r.t(k, -1.0), ArgumentError, "df=-1.0"),
    "rate": (lambda k: r.poisson(k, -1.0), ArgumentError, "lam=-1.0"),
    "dirichlet": (lambda k: r.dirichlet(k, 1.0), ShapeError, "shape \\(..., n\\)"),
    "permutation": (lambda k: r.permutation(k, -3), ArgumentError, "x=-3"),
    "permutation of a number": (lambda k: r.permutation(k, 2.5), DTypeError, "x=2.5"),
    "permutation axis": (lambda k: r.permutation(k, uf.zeros((2, 3)), axis=2), BoundsError, "axis=2"),
    "choice of nothing": (lambda k: r.choice(k, 0, (2,)), ArgumentError, "nothing to choose 2"),
    "choice": (lambda k: r.choice(k, 3, (4,), replace=False), ArgumentError, "4 of 3 elements"),
    "choice p": (lambda k: r.choice(k, 3, p=uf.ones(2)), ShapeError, "each of the 3 elements"),
    "logits": (lambda k: r.categorical(k, uf.asarray([1, 2])), DTypeError, "floating-point logits"),
    "logits' axis": (lambda k: r.categorical(k, uf.zeros(3), axis=1), BoundsError, "axis=1"),
    "categories": (lambda k: r.categorical(k, uf.zeros(3), shape=(4,), replace=False), ArgumentError, "4 of 3"),
    "covariance": (lambda k: r.multivariate_normal(k, uf.zeros(2), uf.eye(3)), ShapeError, r"\(\.\.\., n, n\)"),
    "indefinite": (lambda k: r.multivariate_normal(k, uf.zeros(2), -uf.eye(2)), ArgumentError, "positive definite"),
    "method": (lambda k: r.multivariate_normal(k, uf.zeros(2), uf.eye(2), method="lu"), ArgumentError, "'lu'"),
}


@pytest.mark.parametrize("name", CALLS)
def test_misuse_is_explained(backend, name):
    call, kind, message = CALLS[name]
    with pytest.raises(kind, match=message):
        call(uf.random.key(0))
