"""Random numbers with explicit keys: names, signatures and stream of `jax.random` (Threefry-2x32, partitionable).

A key is a tensor of dtype uint32 and shape (2,). The same key gives the same numbers: derive new ones with `split`
and `fold_in`. Defaults are JAX's as it comes: float32, int32, uint32; indices (`permutation`, `categorical`, `choice`
from an integer) are int64, as all indices here.

How equal the numbers are to those of `jax.random` (JAX 0.10.2 on a CPU), eager and compiled, on NumPy, torch and
TensorFlow; on JAX they are its own. "n ulp": an error of at most n units in the last place of max(1, abs(x)), rounded
up from what was measured over four million numbers (in brackets), and asserted over a million by `tests/random`:

=============================================  =====================================================================
key, split, fold_in, bits, uniform, randint,   bit for bit
permutation, bernoulli, rademacher, choice
normal                                         float32 4 ulp (2.03), float64 32 (15.5)
truncated_normal                               float32 8 ulp (4.7), float64 32 (16); 32 with tensors as limits (18.7)
exponential, laplace                           float32 2 ulp (1.5), float64 128 (64.5)
logistic                                       float32 4 ulp (2.2), float64 128 (64.5)
gumbel                                         float32 4 ulp (3), float64 4 (2); mode "high" in float64 128 (121)
all of these in half precision                 bit for bit, but float16 compiled by TensorFlow: 1 ulp
categorical, choice with `p`                   the same indices, but for ties within those errors
gamma, loggamma                                float32 16 ulp (8.6), float64 64, but for acceptances within those
beta, chisquare, dirichlet, t                  errors: 1 in a million, in float16 1 in 400; 32 ulp (20)
poisson                                        the same integers, but for such acceptances: 5 in 10,000 at a rate of
                                               10,000; from 100,000 on float32 cannot tell them apart
multivariate_normal                            8 ulp for a factor of about 1
cauchy, lognormal, maxwell, pareto, rayleigh,  by the formulas of JAX, on numbers as above: float32 8 ulp, float64 128;
triangular, weibull_min, geometric, f          f as gamma is, and geometric the same integers but for ties
wald                                           128 ulp at a mean of 1, more at larger ones: JAX's formula cancels
generalized_normal, double_sided_maxwell       as gamma and maxwell; signs are those of JAX without 64 bits
ball, orthogonal                               64 ulp
=============================================  =====================================================================

The large figures of float64 are JAX's: its log1p errs by 64 units where it changes from one formula to another.

Draws are constants to differentiation, also with respect to their parameters, where JAX knows some derivatives
(`gamma`, the limits of `uniform`). Write ``mean + stddev * normal(...)`` to differentiate.
"""

from unifw.tensor.random import _host as host
from unifw.tensor.random._choice import categorical, choice, permutation
from unifw.tensor.random._continuous import (
    cauchy,
    double_sided_maxwell,
    lognormal,
    maxwell,
    pareto,
    rayleigh,
    triangular,
    wald,
    weibull_min,
)
from unifw.tensor.random._discrete import bernoulli, geometric, poisson, rademacher, randint
from unifw.tensor.random._gamma import beta, chisquare, dirichlet, f, gamma, loggamma, t
from unifw.tensor.random._keys import bits, clone, fold_in, key, key_data, split, wrap_key_data
from unifw.tensor.random._logarithms import exponential, gumbel, laplace, logistic
from unifw.tensor.random._normal import multivariate_normal, normal, truncated_normal
from unifw.tensor.random._uniform import uniform
from unifw.tensor.random._vectors import ball, generalized_normal, orthogonal

__all__ = [
    "ball",
    "bernoulli",
    "beta",
    "bits",
    "categorical",
    "cauchy",
    "chisquare",
    "choice",
    "clone",
    "dirichlet",
    "double_sided_maxwell",
    "exponential",
    "f",
    "fold_in",
    "gamma",
    "generalized_normal",
    "geometric",
    "gumbel",
    "host",
    "key",
    "key_data",
    "laplace",
    "loggamma",
    "logistic",
    "lognormal",
    "maxwell",
    "multivariate_normal",
    "normal",
    "orthogonal",
    "pareto",
    "permutation",
    "poisson",
    "rademacher",
    "randint",
    "rayleigh",
    "split",
    "t",
    "triangular",
    "truncated_normal",
    "uniform",
    "wald",
    "weibull_min",
    "wrap_key_data",
]
