"""Names, parameters, defaults and order are those of JAX 0.10.2; what is left out is listed, with the reason."""

from __future__ import annotations

import inspect

import jax
import pytest

import unifw as uf

WHERE = {
    **dict.fromkeys(("grad", "value_and_grad", "vjp", "jvp", "jacfwd", "jacrev", "hessian", "jit", "vmap"), jax),
    **dict.fromkeys(("checkpoint", "custom_vjp"), jax),
    **dict.fromkeys(("scan", "cond", "while_loop", "fori_loop"), jax.lax),
}
LEFT_OUT = {
    "holomorphic": "complex derivatives are not offered",
    "allow_int": "gradients of integers have a dtype that only JAX has",
    "reduce_axes": "named axes are JAX's way to many devices",
    "axis_name": "named axes",
    "spmd_axis_name": "named axes",
    "sum_match": "named axes",
    "in_shardings": "sharding",
    "out_shardings": "sharding",
    "out_sharding": "sharding",
    "keep_unused": "a detail of XLA",
    "device": "deprecated in JAX",
    "backend": "deprecated in JAX",
    "inline": "a detail of jaxprs: a jitted function always runs inline inside another",
    "compiler_options": "a detail of XLA",
    "prevent_cse": "a detail of XLA",
    "policy": "names of JAX's primitives",
    "concrete": "deprecated in JAX",
    "static_argnums of checkpoint": "what is no tensor is passed on as it is",
    "static_argnames of checkpoint": "the same",
    "nondiff_argnames": "give positions with nondiff_argnums",
    "unroll": "how a loop is unrolled is the backend's choice",
    "_split_transpose": "private in JAX",
    "operand": "deprecated in JAX",
    "impl": "there is one generator, Threefry",
    "dtype of key": "the same",
    "dtype of wrap_key_data": "the same",
}


def parameters(function):
    """Return names with defaults, in order."""
    return {each.name: each.default for each in inspect.signature(function).parameters.values()}


def kept(theirs, name):
    return {each: value for each, value in theirs.items() if not {each, f"{each} of {name}"} & set(LEFT_OUT)}


@pytest.mark.parametrize("name", WHERE)
def test_transforms(name):
    ours = parameters(getattr(uf, name))
    theirs = kept(parameters(getattr(WHERE[name], name)), name)
    if name == "jit":  # JAX's can be called without a function, as a decorator with options
        theirs["fun"] = ours["fun"]
    assert list(ours.items()) == list(theirs.items())


ABSENT = {
    "PRNGKey": "JAX's old sort of key",
    "binomial": "not yet",
    "multinomial": "not yet",
    "random_gamma_p": "a primitive, and no draw",
    "key_dtype": "keys are uint32 here",
    "key_impl": "there is one generator",
}


@pytest.mark.parametrize("name", sorted({*dir(jax.random)} - ABSENT.keys()))
def test_random(name):
    if name.startswith("_"):
        return
    ours, theirs = parameters(getattr(uf.random, name)), kept(parameters(getattr(jax.random, name)), name)
    if name == "key":
        ours.pop("backend")  # where the key shall live
    if name == "lognormal":
        theirs["sigma"] = float(theirs["sigma"])
    assert list(ours.items()) == list(theirs.items())
