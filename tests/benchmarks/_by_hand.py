"""The MLP training step written by hand in each framework, as a good engineer would: the baselines."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

SIZES = (784, 256, 256, 10)
BATCH = 64
RATE, BETA_1, BETA_2, EPSILON = 1e-3, 0.9, 0.999, 1e-7


def batch() -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(0)
    return generator.normal(size=(BATCH, 784)).astype("float32"), generator.integers(0, 10, size=BATCH)


def weights() -> list[np.ndarray]:
    generator = np.random.default_rng(1)
    result = []
    for inputs, outputs in pairwise(SIZES):
        result += [generator.normal(size=(inputs, outputs)).astype("float32") * 0.05, np.zeros(outputs, "float32")]
    return result


def jax_step() -> dict[str, Callable[[], Any]]:
    """`jax.jit` of forward, backward and Adam, with donated state."""
    import jax
    import jax.numpy as jnp

    def loss(parameters: list[Any], x: Any, y: Any) -> Any:
        *hidden, last = [parameters[index : index + 2] for index in range(0, 6, 2)]
        for kernel, bias in hidden:
            x = jax.nn.relu(x @ kernel + bias)
        logits = x @ last[0] + last[1]
        return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(logits), y[:, None], axis=1))

    def step(state: Any, x: Any, y: Any) -> Any:
        parameters, m, v, count = state
        value, gradients = jax.value_and_grad(loss)(parameters, x, y)
        count = count + 1
        alpha = RATE * jnp.sqrt(1 - BETA_2**count) / (1 - BETA_1**count)
        m = [a + (g - a) * (1 - BETA_1) for a, g in zip(m, gradients, strict=True)]
        v = [a + (g * g - a) * (1 - BETA_2) for a, g in zip(v, gradients, strict=True)]
        parameters = [p - a * alpha / (jnp.sqrt(b) + EPSILON) for p, a, b in zip(parameters, m, v, strict=True)]
        return (parameters, m, v, count), value

    compiled = jax.jit(step, donate_argnums=0)
    x, y = map(jnp.asarray, batch())
    zeros = [np.zeros_like(each) for each in weights()]
    state = jax.tree.map(jnp.array, (weights(), zeros, zeros, np.float32(0)))

    def run() -> Any:
        nonlocal state
        state, value = compiled(state, x, y)
        return jax.block_until_ready(value)

    return {"jax.jit by hand": run}


def torch_step() -> dict[str, Callable[[], Any]]:
    """`torch.compile` of model and optimizer, and eager with the fused Adam."""
    import torch

    x, y = map(torch.as_tensor, batch())

    def build(**options: Any) -> tuple[Any, Any]:
        layers: list[Any] = []
        for inputs, outputs in pairwise(SIZES):
            layers += [torch.nn.Linear(inputs, outputs), torch.nn.ReLU()]
        model = torch.nn.Sequential(*layers[:-1])
        return model, torch.optim.Adam(model.parameters(), lr=RATE, eps=EPSILON, **options)

    def runner(model: Any, optimizer: Any, update: Callable[[], Any]) -> Callable[[], Any]:
        def run() -> Any:
            optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(model(x), y)
            loss.backward()
            update()
            return loss.detach()

        return run

    model, optimizer = build()
    compiled = runner(torch.compile(model), optimizer, torch.compile(optimizer.step))
    eager_model, eager_optimizer = build(fused=True)
    eager = runner(eager_model, eager_optimizer, eager_optimizer.step)
    return {"torch.compile(model, optimizer)": compiled, "torch eager, fused Adam": eager}


def tensorflow_step() -> dict[str, Callable[[], Any]]:
    """`tf.function` over variables: with and without XLA, Adam by assignments and by TensorFlow's own kernel."""
    import tensorflow as tf

    x, y = map(tf.constant, batch())

    def build(jit_compile: bool, kernel: bool) -> Callable[[], Any]:
        parameters = [tf.Variable(each) for each in weights()]
        m = [tf.Variable(tf.zeros_like(each)) for each in parameters]
        v = [tf.Variable(tf.zeros_like(each)) for each in parameters]
        count = tf.Variable(0.0)

        @tf.function(jit_compile=jit_compile)
        def step(x: Any, y: Any) -> Any:
            with tf.GradientTape() as tape:
                h = tf.nn.relu(tf.matmul(x, parameters[0]) + parameters[1])
                h = tf.nn.relu(tf.matmul(h, parameters[2]) + parameters[3])
                logits = tf.matmul(h, parameters[4]) + parameters[5]
                loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, logits))
            gradients = tape.gradient(loss, parameters)
            count.assign_add(1.0)
            power_1, power_2 = tf.pow(BETA_1, count), tf.pow(BETA_2, count)
            alpha = RATE * tf.sqrt(1 - power_2) / (1 - power_1)
            for p, a, b, g in zip(parameters, m, v, gradients, strict=True):
                if kernel:
                    tf.raw_ops.ResourceApplyAdam(
                        var=p.handle, m=a.handle, v=b.handle, beta1_power=power_1, beta2_power=power_2, lr=RATE,
                        beta1=BETA_1, beta2=BETA_2, epsilon=EPSILON, grad=g,
                    )  # fmt: skip
                else:
                    a.assign_add((g - a) * (1 - BETA_1))
                    b.assign_add((g * g - b) * (1 - BETA_2))
                    p.assign_sub(a * alpha / (tf.sqrt(b) + EPSILON))
            return loss

        return lambda: step(x, y)

    return {
        f"tf.function, {'XLA' if xla else 'graph'}, {'Adam kernel' if kernel else 'Adam by hand'}": build(xla, kernel)
        for xla in (False, True)
        for kernel in (False, True)
    }


STEPS = {"jax": jax_step, "torch": torch_step, "tensorflow": tensorflow_step}
