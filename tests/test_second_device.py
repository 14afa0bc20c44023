"""Constants follow their operands to a device that is not the default: checked without an accelerator.

On torch the second device is "meta", whose tensors have shapes but no values, and refuse to meet those of the CPU;
randint and shuffle draw on the host there, and need a key with a value. JAX and TensorFlow split the processor into two
devices, in processes of their own.
"""

from __future__ import annotations

import numpy as np
import pytest

import unifw as uf
from unifw.backend import _selection, get_backend, missing_framework

X = np.ones((4, 6), np.float32)
IMAGE = np.ones((2, 8, 8, 3), np.float32)

CALLS = """
x + 1
x * 2.0 + True
x + 1j
(x > 0) + 1
uf.where(x > 0, 1.0, x)
uf.where(x > 0, 1, 0.5)
uf.clip(x, 0.0, 1.0)
uf.pow(x, 2)
x[::-1, 1:3]
x[:, [0, 2]]
x[i]
x[i, 0]
x.at[i].add(1.0)
x.at[i].set(x[i])
x.at[0, 1].multiply(2.0)
x.at[i].max(0.0)
x.at[i].get(mode="fill", fill_value=0.0)
x.at[i].add(1.0, mode="drop")
put(x)
uf.take(x, i, axis=0)
uf.take_along_axis(x, uf.argsort(x), axis=1)
uf.repeat(x, 2, axis=0)
uf.roll(x, 1)
uf.searchsorted(uf.reshape(x, (-1,)), x)
uf.searchsorted(uf.reshape(x, (-1,)), [0.5, 2.0])
uf.isin(x, 1.0)
uf.cumulative_sum(x, axis=0, include_initial=True)
uf.diff(x)
uf.tril(x)
uf.var(x)
uf.full_like(x, 3.0)
uf.linalg.matrix_norm(x)
uf.linalg.trace(x)
uf.linalg.matrix_power(x @ x.T, 3)
uf.linalg.matrix_power(x @ x.T, 0)
uf.linalg.pinv(x)
uf.fft.fft(x)
uf.fft.fft(x, n=8)
uf.nn.one_hot(i, 3)
uf.nn.pad(x, 1, constant_values=2.0)
uf.nn.gelu(x)
uf.nn.erfinv(x)
uf.nn.elu(x)
uf.nn.softmax(x)
uf.nn.logsumexp(x)
uf.nn.top_k(x, 2)[0]
uf.nn.median(x)
uf.nn.quantile(x, 0.3, axis=1)
uf.nn.nan_to_num(x)
uf.nn.isclose(x, x)
uf.nn.einsum("ij,kj->ik", x, x)
uf.nn.segment_sum(x, i, 5)
uf.nn.segment_max(x, i, 5)
uf.nn.segment_prod(x, i, 5)
uf.nn.scatter(uf.reshape(i, (4, 1)), x, (5, 6))
uf.nn.slice(x, i[:2], (1, 1))
uf.nn.resize(x, (8, 3), "linear")
uf.nn.resize(x, (8, 3), "nearest")
uf.nn.conv(image, uf.ones((3, 3, 3, 4), device=x.device), padding="same")
uf.nn.max_pool(image, 2, padding="same")
uf.nn.average_pool(image, 3, strides=2, padding="same")
uf.nn.batch_norm(image)[0]
uf.nn.layer_norm(x, epsilon=1e-3)
uf.nn.dot_product_attention(image, image, image, is_causal=True)
uf.nn.sparse_softmax_cross_entropy(x, i)
uf.nn.softmax_cross_entropy(x, x)
uf.random.uniform(key, (3,))
uf.random.uniform(key, (3,), minval=-1.0, maxval=2.0)
uf.random.uniform(key, (3,), dtype="float16")
uf.random.uniform(key, (3,), dtype="float64")
uf.random.normal(key, (3,))
uf.random.truncated_normal(key, -1.0, 1.0, (3,))
uf.random.bits(key, (3,), dtype="uint8")
uf.random.bits(key, (3,), dtype="uint64")
uf.random.permutation(key, 5)
uf.random.permutation(key, x)
uf.random.bernoulli(key, 0.3, (3,))
uf.random.gumbel(key, (3,))
uf.random.exponential(key, (3,))
uf.random.laplace(key, (3,))
uf.random.categorical(key, x)
uf.random.split(key, 3)
uf.random.fold_in(key, 3)
uf.random.rademacher(key, (3,))
uf.grad(lambda x: uf.sum(x[i] * 2.0))(x)
uf.grad(lambda x: uf.sum(uf.nn.relu(x)))(x)
uf.grad(lambda x: uf.max(x))(x)
uf.grad(lambda x: uf.sum(uf.sort(x, axis=0) ** 2.0))(x)
uf.grad(lambda x: uf.sum(uf.nn.max_pool(x, 2)))(image)
uf.grad(lambda x: uf.sum(uf.nn.average_pool(x, 3, strides=2, padding="same")))(image)
uf.grad(lambda x: uf.sum(uf.nn.layer_norm(x)))(x)
uf.grad(lambda x: uf.mean(uf.nn.sparse_softmax_cross_entropy(x, i)))(x)
uf.vmap(lambda row: row * 2.0 + 1)(x)
uf.jvp(lambda x: uf.sin(x) * 2.0, (x,), (x,))[1]
uf.jacrev(lambda x: x[0] * 2.0)(x)
uf.hessian(lambda x: uf.sum(x**3.0))(x[0])
uf.scan(lambda c, row: (c + row, c * 2.0), x[0], x)[0]
uf.fori_loop(0, 3, lambda k, c: c * 2.0, x)
"""


def put(x):
    """Assign in each of the ways."""
    x[0] = 1.0
    x[[0, 1], 2] = 3
    x[x > 0] = 0.0
    return x


def outputs(device, call):
    with uf.use_device("cpu"):
        given = {"x": X, "image": IMAGE, "i": np.asarray([0, 1, 2, 0]), "key": np.asarray([0, 7], np.uint32)}
        tensors = {name: uf.asarray(value, device=device) for name, value in given.items()}
        return eval(call, {"uf": uf, "put": put, **tensors})


@pytest.fixture
def meta(monkeypatch):
    """The backend of torch, with a second device whose tensors meet no others."""
    if missing_framework("torch") is not None:
        pytest.skip("torch is not installed: pip install 'unifw[torch]'")
    backend = get_backend("torch")
    from unifw_torch import _devices

    _devices.native_device.cache_clear()
    monkeypatch.setattr(_devices, "devices", lambda: ("cpu", "meta"))
    monkeypatch.setattr(_selection._Process, "devices", {})
    with uf.use_backend(backend):
        yield "meta"
    _devices.native_device.cache_clear()


@pytest.mark.parametrize("call", CALLS.strip().splitlines())
def test_on_torch_results_are_where_their_operands_are(call, meta):
    result = outputs(meta, call)
    assert result.device == meta
    assert result.shape == outputs("cpu", call).shape


def test_on_torch_optimizers_keep_their_slots_with_the_variables(meta):
    for optimizer in (uf.optimizers.SGD(momentum=0.9), uf.optimizers.Adam(), uf.optimizers.RMSprop(centered=True)):
        with uf.use_device(meta):
            model = uf.Sequential([uf.layers.Dense(4, activation="relu"), uf.layers.BatchNormalization()])
            model.build((None, 6))
        variables = model.trainable_variables
        gradients = [uf.ones_like(each.value) for each in variables]
        optimizer.apply(gradients, variables)
        assert {value.device for value in uf.state(model).values()} == {meta}


FITTED = """
import os
import numpy as np
import unifw as uf
from tests.test_second_device import CALLS, X, outputs

def check_calls(every):
    for call in CALLS.strip().splitlines()[::every]:
        result, expected = outputs("cpu:1", call), outputs("cpu", call)
        assert (result.device, expected.device) == ("cpu:1", "cpu"), (call, result.device, expected.device)
        np.testing.assert_allclose(np.asarray(result), np.asarray(expected), rtol=1e-5, atol=1e-5, err_msg=call)

def check_compiled():
    compiled = uf.jit(uf.grad(lambda x: uf.sum(uf.nn.softmax(x * 2.0) ** 2.0) + 1))
    for device in ("cpu:1", "cpu", "cpu:1"):
        assert compiled(uf.asarray(X, device=device)).device == device

def fitted(eagerly):
    model = uf.Sequential([uf.layers.Dense(4, activation="relu"), uf.layers.Dropout(0.5), uf.layers.Dense(1)])
    model.compile(optimizer=uf.optimizers.Adam(), loss="mse", run_eagerly=eagerly)
    model.fit(X, X[:, :1], epochs=1, batch_size=2, verbose=0)
    assert {value.device for value in uf.state(model).values()} == {"cpu:1"}
    assert uf.asarray(model(uf.asarray(X))).device == "cpu:1"

def check_training(eagerly):
    with uf.use_device("cpu:1"):
        fitted(eagerly)
    os.environ["UNIFW_DEVICE"] = "cpu:1"
    fitted(eagerly)
"""

# JAX compiles each operation for each device: a quarter of the calls takes some twenty seconds.
ON_JAX = (
    FITTED
    + """
with uf.use_backend("jax") as backend:
    assert backend.devices() == ("cpu", "cpu:1"), backend.devices()
    check_calls(every=4)
    check_compiled()
    check_training(eagerly=False)
print("done")
"""
)

SPLIT = """
import tensorflow as tf
halves = [tf.config.LogicalDeviceConfiguration()] * 2
tf.config.set_logical_device_configuration(tf.config.list_physical_devices("CPU")[0], halves)
"""

ON_TENSORFLOW = (
    SPLIT
    + FITTED
    + """
with uf.use_backend("tensorflow") as backend:
    assert backend.devices() == ("cpu", "cpu:1"), backend.devices()
    x = uf.ones((2, 3), device="cpu:1")
    assert (x.device, x.to_device("cpu").device, uf.ones(2).to_device("cpu:1").device) == ("cpu:1", "cpu", "cpu:1")
    check_calls(every=1)
    check_compiled()
    check_training(eagerly=False)
    fitted(eagerly=True)
print("done")
"""
)


def test_on_jax_results_are_where_their_operands_are(run_python):
    if missing_framework("jax") is not None:
        pytest.skip("jax is not installed: pip install 'unifw[jax]'")
    assert run_python(ON_JAX, XLA_FLAGS="--xla_force_host_platform_device_count=2") == "done"


def test_on_tensorflow_results_are_where_their_operands_are(run_python):
    if missing_framework("tensorflow") is not None:
        pytest.skip("tensorflow is not installed: pip install 'unifw[tensorflow]'")
    assert run_python(ON_TENSORFLOW) == "done"


def test_on_tensorflow_one_device_costs_nothing():
    if missing_framework("tensorflow") is not None:
        pytest.skip("tensorflow is not installed: pip install 'unifw[tensorflow]'")
    backend = get_backend("tensorflow")
    if len(backend.devices()) == 1:
        assert backend.xp is type(backend).xp
        assert not {"relu", "astype", "jit"} & set(vars(backend))
