"""One program, two libraries: what unifw computes must be what JAX computes.

A program is a function ``(lib, x, w)``, where `lib` is `unifw` or `JAX`, which has the same names: the functions of
`jax.numpy`, the transforms of `jax` and the control flow of `jax.lax`.
"""

from __future__ import annotations

from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np

import unifw as uf

JAX = SimpleNamespace(
    **{name: getattr(jnp, name) for name in dir(jnp) if not name.startswith("_")},
    **{name: getattr(jax, name) for name in ("checkpoint", "custom_vjp", "grad", "hessian", "jacfwd", "jacrev", "jit")},
    **{name: getattr(jax, name) for name in ("jvp", "value_and_grad", "vjp", "vmap")},
    **{name: getattr(jax.lax, name) for name in ("cond", "fori_loop", "scan", "while_loop")},
)

X = np.asarray([0.3, -1.2, 2.5])
W = np.asarray([[0.5, -0.25, 1.0], [2.0, 0.125, -1.5], [-0.75, 0.6, 0.1]])


def by_jax(program):
    """Return what a program computes by JAX: the oracle."""
    with jax.enable_x64(True):
        return jax.tree.map(np.asarray, program(JAX, jnp.asarray(X), jnp.asarray(W)))


def by_unifw(program, compiled=False):
    """Return what it computes by unifw on the current backend, maybe as one compiled function."""
    run = uf.jit(lambda x, w: program(uf, x, w)) if compiled else lambda x, w: program(uf, x, w)
    return uf.tree.map(np.asarray, run(uf.asarray(X), uf.asarray(W)))


def assert_same(found, expected, name=""):
    """Compare trees: structure, shapes, dtypes and values in double precision."""
    assert uf.tree.structure(found) == uf.tree.structure(expected), name
    for ours, theirs in zip(uf.tree.leaves(found), uf.tree.leaves(expected), strict=True):
        assert ours.dtype == theirs.dtype, name
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-13, err_msg=name)


def assert_all_same_under_jit(programs, backend, few):
    """Compile all programs as one function and compare each; only a few where a compilation takes many seconds."""
    chosen = {name: programs[name] for name in (few if backend.capabilities.compilation == "costly" else programs)}
    found = by_unifw(lambda lib, x, w: {name: program(lib, x, w) for name, program in chosen.items()}, compiled=True)
    for name, program in chosen.items():
        assert_same(found[name], by_jax(program), name)
