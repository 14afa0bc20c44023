"""Random numbers with explicit keys: names, signatures and stream of `jax.random` (Threefry-2x32, partitionable).

A key is a tensor of dtype uint32 and shape (2,). The same key gives the same numbers: derive new ones with `split`
and `fold_in`. Defaults are JAX's as it comes: float32, int32, uint32; indices (`permutation`, `categorical`, `choice`
from an integer) are int64, as all indices here.

How equal the numbers are to those of `jax.random` (JAX 0.10.2 on a CPU), eager and compiled, on every backend. On JAX
itself they are its own. "n ulp" is an error of at most n units in the last place of max(1, abs(x)), measured over a
million numbers and asserted by `tests/random`:

=========================================================  =========================================================
key, split, fold_in, bits, randint, permutation,           bit for bit
rademacher, bernoulli, uniform
normal                                                     4 ulp
truncated_normal                                           8 ulp
exponential, laplace, logistic, gumbel                     4 ulp; float16 8 ulp
categorical, choice with `p`                               the same indices, but for ties within those errors
gamma, loggamma, beta, dirichlet, chisquare, t             64 ulp (relative), but for acceptances within those errors
poisson                                                    the same integers, but for such acceptances
multivariate_normal                                        the error of `normal` times that of the factor
=========================================================  =========================================================

Draws are constants to differentiation, also with respect to their parameters, where JAX knows some derivatives
(`gamma`, the limits of `uniform`). Write ``mean + stddev * normal(...)`` to differentiate.
"""

from unifw.tensor.random import _host as host
from unifw.tensor.random._choice import categorical, choice, permutation
from unifw.tensor.random._discrete import bernoulli, poisson, rademacher, randint
from unifw.tensor.random._gamma import beta, chisquare, dirichlet, gamma, loggamma, t
from unifw.tensor.random._keys import bits, fold_in, key, split
from unifw.tensor.random._logarithms import exponential, gumbel, laplace, logistic
from unifw.tensor.random._normal import multivariate_normal, normal, truncated_normal
from unifw.tensor.random._uniform import uniform

__all__ = [
    "bernoulli",
    "beta",
    "bits",
    "categorical",
    "chisquare",
    "choice",
    "dirichlet",
    "exponential",
    "fold_in",
    "gamma",
    "gumbel",
    "host",
    "key",
    "laplace",
    "loggamma",
    "logistic",
    "multivariate_normal",
    "normal",
    "permutation",
    "poisson",
    "rademacher",
    "randint",
    "split",
    "t",
    "truncated_normal",
    "uniform",
]
