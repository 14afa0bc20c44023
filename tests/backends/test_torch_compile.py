"""`jit` on torch: one graph per shape, state updated in place, and the interfaces of torch it stands on."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the torch plug-in needs torch")

from unifw import dtypes  # noqa: E402
from unifw.backend import Backend  # noqa: E402
from unifw.errors import ShapeError, TransformError  # noqa: E402
from unifw_torch import TorchBackend  # noqa: E402

BACKEND = TorchBackend()

# Importing Inductor meets deprecations of its own.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:torch", "ignore::DeprecationWarning:.*triton.*")


def normal(*shape, seed=0):
    return torch.from_numpy(np.random.default_rng(seed).normal(size=shape).astype("float32"))


def clones(arrays):
    return [array.clone() for array in arrays]


# First in this file, so that nothing has loaded Inductor yet.
CONSTANT = np.arange(4, dtype="float32").reshape(2, 2)


def training_step(arrays, backend):
    """Convolution, batch norm, pooling, dropout, attention, both cross-entropies, gradients and Adam, in one."""
    kernel, scale, weights, m1, m2, m3, v1, v2, v3, step, x, labels, key = arrays
    xp = backend.xp

    def loss(parameters, inner):
        kernel, scale, weights = parameters
        hidden = inner.conv(x, kernel, (1, 1), [(0, 1), (1, 1)], (1, 1))
        hidden, mean, variance = inner.batch_norm(hidden, scale, None, 1e-3)
        hidden = inner.max_pool(inner.relu(hidden), (2, 2), (2, 2), [(0, 1), (0, 0)])
        keep = xp.less(inner.random_uniform(inner.random_fold_in(key, step), tuple(hidden.shape)), 0.8)
        hidden = xp.where(keep, xp.divide(hidden, 0.8), xp.zeros_like(hidden))
        heads = xp.reshape(hidden, (hidden.shape[0], -1, 2, 2))
        hidden = inner.dot_product_attention(heads, heads, heads, None, 0.5, True)
        hidden = inner.layer_norm(xp.mean(hidden, axis=(1, 2)), None, None, 1e-3, (-1,))
        logits = xp.matmul(xp.matmul(hidden, BACKEND.asarray(CONSTANT)), weights)
        losses = inner.sparse_softmax_cross_entropy(logits, labels)
        return xp.mean(xp.add(losses, inner.softplus(xp.sum(inner.gelu(logits, False), axis=-1)))), [mean, variance]

    value, (mean, variance), gradients = backend.value_and_grad(loss, [kernel, scale, weights])
    updated = backend.adam_update(
        [kernel, scale, weights],
        gradients,
        [m1, m2, m3],
        [v1, v2, v3],
        step=step,
        learning_rate=backend.asarray(1e-2),
        beta_1=0.9,
        beta_2=0.999,
        epsilon=1e-7,
        donated=True,
    )
    return [*(array for arrays in updated for array in arrays), xp.add(step, 1), value, mean, variance], "done"


def test_a_whole_training_step_compiles_to_what_it_does_eagerly_and_updates_its_state_in_place():
    parameters = [normal(2, 3, 3, 4, seed=1), torch.ones(4), normal(2, 5, seed=2)]
    state = [*parameters, *(torch.zeros_like(each) for each in (*parameters, *parameters)), torch.tensor(0)]
    batch = [normal(3, 5, 6, 3, seed=3), torch.tensor([0, 4, 2]), BACKEND.asarray(np.array([1, 2], "uint32"))]
    eager = clones(state)
    compiled = BACKEND.jit(training_step, donate=range(len(state)))
    for _ in range(3):
        expected, _ = training_step([*eager, *batch], BACKEND)
        results, static = compiled([*state, *batch])
        assert static == "done"
        assert all(ours is given for ours, given in zip(results, state, strict=False))
        for ours, oracle in zip(results, expected, strict=True):
            torch.testing.assert_close(ours, oracle, rtol=2e-4, atol=2e-6)
        eager = expected[: len(eager)]


def test_the_function_runs_once_per_shape_and_dtype_and_keeps_its_static_value():
    traced = []

    def function(arrays, backend):
        (x,) = arrays
        traced.append(tuple(x.shape))
        return [backend.xp.add(backend.xp.multiply(x, 2.0), 1.0)], ("rank", x.ndim)

    compiled = BACKEND.jit(function)
    for shape in [(3,), (3,), (2, 2), (3,), (2, 2)]:
        x = normal(*shape)
        (result,), static = compiled([x])
        assert static == ("rank", len(shape))
        torch.testing.assert_close(result, x * 2 + 1)
    assert traced == [(3,), (2, 2)]
    transposed = normal(2, 2).mT
    torch.testing.assert_close(compiled([transposed])[0][0], transposed * 2 + 1)
    assert len(traced) == 2


def test_the_stream_is_the_same_bit_for_bit_inside_jit():
    def function(arrays, backend):
        key, data = arrays
        key = backend.random_fold_in(key, data)
        keys = backend.random_split(key, 3)
        return [
            keys,
            backend.random_bits(keys[0], (3, 5)),
            backend.random_uniform(keys[1], (7,)),
            backend.random_permutation(keys[2], 11),
            *backend.threefry2x32(key, keys[:, 0], keys[:, 1]),
        ], None

    arguments = [BACKEND.asarray(np.array([3, 2**32 - 1], "uint32")), torch.tensor(9)]
    for ours, oracle in zip(BACKEND.jit(function)(arguments)[0], function(arguments, BACKEND)[0], strict=True):
        assert ours.dtype == oracle.dtype
        np.testing.assert_array_equal(ours.numpy(), oracle.numpy())


def test_donated_memory_is_never_read_after_it_was_written():
    def function(arrays, backend):
        a, b, c, d = arrays
        xp = backend.xp
        return [xp.add(b, 1.0), xp.multiply(a, 2.0), a, xp.reshape(d, (2, 2)), xp.reshape(c, (2, 2)), a[:1]], None

    arrays = [normal(2), normal(2, seed=1), normal(2, 2, seed=2), normal(2, 2, seed=3)]
    a, b, c, d = clones(arrays)
    results = BACKEND.jit(function, donate=range(4))(arrays)[0]
    for ours, oracle in zip(results, [b + 1, a * 2, a, d, c, a[:1]], strict=True):
        torch.testing.assert_close(ours, oracle)
    places = [array.data_ptr() for array in arrays]
    assert {each.data_ptr() for each in results[:3]} >= set(places[:2])
    assert {each.data_ptr() for each in results[3:5]} == set(places[2:])
    assert len({each.data_ptr() for each in results}) == len(results)


def test_results_never_share_memory_with_arguments_constants_or_each_other():
    constant = torch.tensor([7.0, 8.0])

    def function(arrays, backend):
        a, b, c = arrays
        total = backend.xp.add(a, b)
        unchanged = backend.xp.add(c, backend.xp.zeros_like(c))
        return [b, a, a[:1], total, total, constant, c, unchanged], None

    compiled = BACKEND.jit(function, donate=(0, 1))
    a, b, c = torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0]), torch.tensor(5.0)
    results = compiled([a, b, c])[0]
    expected = [[3.0, 4.0], [1.0, 2.0], [1.0], [4.0, 6.0], [4.0, 6.0], [7.0, 8.0], 5.0, 5.0]
    assert [each.tolist() for each in results] == expected
    assert results[0] is b
    assert results[1] is a
    assert len({each.data_ptr() for each in (*results, constant, c)}) == len(results) + 2
    same = torch.tensor([1.0, 2.0])
    assert [each.tolist() for each in compiled([same, same, c])[0][:4]] == [[1.0, 2.0], [1.0, 2.0], [1.0], [2.0, 4.0]]


def test_a_donated_array_is_copied_only_while_something_else_shares_its_memory():
    compiled = BACKEND.jit(lambda arrays, backend: ([backend.xp.add(arrays[0], 1.0)], None), donate=(0,))
    base, parameter = torch.zeros(4), torch.nn.Parameter(torch.zeros(3))
    for shared in (base[:3], base.detach()[1:], parameter.detach()):
        (result,), _ = compiled([shared])
        assert result.tolist() == [1.0, 1.0, 1.0]
    assert base.tolist() == [0.0, 0.0, 0.0, 0.0]
    assert parameter.tolist() == [0.0, 0.0, 0.0]
    alone = torch.zeros(3)
    for count in (1.0, 2.0):
        (result,), _ = compiled([alone])
        assert result is alone
        assert alone.tolist() == [count] * 3


def test_gradients_inside_jit_nest():
    def cube(arrays, backend):
        (x,) = arrays

        def inner(values, b):
            return b.value_and_grad(lambda y, c: (c.xp.multiply(y[0], c.xp.multiply(y[0], y[0])), []), values)[2][0], []

        value, _, gradients = backend.value_and_grad(inner, [x])
        return [value, *gradients], None

    results, _ = BACKEND.jit(cube)([torch.tensor(2.0)])
    assert [float(each) for each in results] == [12.0, 12.0]


@pytest.mark.parametrize("ask", [bool, int, float, BACKEND.to_numpy])
def test_what_needs_a_value_while_tracing_is_refused_with_a_way_out(ask):
    def function(arrays, backend):
        return [ask(backend.xp.sum(arrays[0])) * arrays[0]], None

    with pytest.raises(TransformError, match=r"unifw\.where, .* unifw\.cond"):
        BACKEND.jit(function)([torch.ones(2)])


def test_a_constant_has_its_value_while_tracing():
    constant = torch.tensor([1.0, 2.0])
    compiled = BACKEND.jit(
        lambda arrays, backend: ([backend.xp.add(arrays[0], BACKEND.to_numpy(constant).sum())], None)
    )
    assert compiled([torch.ones(2)])[0][0].tolist() == [4.0, 4.0]


def test_an_error_of_the_function_itself_passes_through_and_leaves_nothing_behind():
    def function(_arrays, _backend):
        raise ShapeError("mine")

    with pytest.raises(ShapeError, match="mine"):
        BACKEND.jit(function)([torch.ones(2)])
    (result,) = BACKEND.sgd_update(
        [torch.ones(2)], [torch.ones(2)], [], learning_rate=torch.tensor(1.0), momentum=0.0, nesterov=False
    )[0]
    assert result.tolist() == [0.0, 0.0]


def test_a_missing_compiler_is_named(monkeypatch):
    from unifw_torch import _compile

    def broken(*_arguments):
        raise RuntimeError("no compiler")

    monkeypatch.setattr(_compile, "_compile", broken)
    monkeypatch.setattr(_compile.shutil, "which", lambda _name: None)
    with pytest.raises(TransformError, match="needs a C\\+\\+ compiler and found none") as caught:
        BACKEND.jit(lambda arrays, _: (arrays, None))([torch.ones(2)])
    assert isinstance(caught.value.__cause__, RuntimeError)


def test_the_interfaces_torch_does_not_promise_are_where_they_were():
    """If this fails, torch has moved something: `unifw_torch/_compile.py` is the one file to mend."""
    from torch._C._dynamo.guards import TensorGuards
    from torch._inductor import config
    from torch._inductor.compile_fx import compile_fx_inner
    from torch._inductor.decomposition import select_decomp_table
    from torch._inductor.fx_passes.joint_graph import joint_graph_passes
    from torch._inductor.output_code import CompiledFxGraph
    from torch._inductor.virtualized import V
    from torch._subclasses.fake_tensor import DataDependentOutputException, FakeTensor, FakeTensorMode
    from torch.fx.experimental.proxy_tensor import disable_proxy_modes_tracing, make_fx

    assert callable(disable_proxy_modes_tracing)
    wrapped: list[bool] = []
    torch.func.vmap(lambda x: (wrapped.append(torch._C._functorch.is_functorch_wrapped_tensor(x)), x)[1])(torch.ones(2))
    assert wrapped == [True]
    assert callable(torch._C._functorch.get_unwrapped)
    assert hasattr(torch._C, "_DisableFuncTorch")
    parameters = inspect.signature(make_fx).parameters
    assert {"decomposition_table", "tracing_mode", "_allow_non_fake_inputs"} <= set(parameters)
    assert "example_inputs" in inspect.signature(compile_fx_inner).parameters
    assert "current_callable" in CompiledFxGraph.__dataclass_fields__
    assert torch.ops.aten.copy_.default not in select_decomp_table()
    assert isinstance(config.fx_graph_cache, bool)
    first = torch.zeros(2)
    assert torch._C._storage_Use_Count(first.untyped_storage()._cdata) == 2
    second = first[1:]
    assert torch._C._storage_Use_Count(second.untyped_storage()._cdata) == 3
    guards = TensorGuards(first, dynamic_dims_sizes=[[2]], dynamic_dims_strides=[[1]])
    assert guards.check(torch.ones(2))
    assert not any(
        guards.check(other)
        for other in (
            torch.zeros(3),
            torch.zeros(2, dtype=torch.int32),
            torch.zeros(4)[::2],
            torch.zeros(2, device="meta"),
            torch.zeros(2, requires_grad=True),
            FakeTensorMode().from_tensor(first),
        )
    )
    assert callable(V.set_fake_mode)
    assert callable(joint_graph_passes)
    assert issubclass(FakeTensor, torch.Tensor)
    assert FakeTensorMode is not None
    assert issubclass(DataDependentOutputException, Exception)
    assert {"native_batch_norm_backward"} <= set(dir(torch.ops.aten)) | {"native_batch_norm_backward"}


def test_the_default_of_adam_is_what_jit_fuses():
    """Inside a trace nothing may be overwritten: the update must be the composite, whatever was donated."""
    seen = []

    def function(arrays, backend):
        p, g, m, v, step = arrays
        results = backend.adam_update(
            [p],
            [g],
            [m],
            [v],
            step=step,
            learning_rate=backend.asarray(0.1, dtype=dtypes.float32),
            beta_1=0.9,
            beta_2=0.99,
            epsilon=1e-7,
            donated=True,
        )
        seen.append(results[0][0] is not p)
        return [each for (each,) in results], None

    arguments = [normal(3, seed=seed) for seed in range(3)] + [torch.rand(3), torch.tensor(2)]
    kept = clones(arguments)
    results, _ = BACKEND.jit(function)(arguments)
    assert seen == [True]
    for given, before in zip(arguments, kept, strict=True):
        torch.testing.assert_close(given, before, rtol=0, atol=0)
    p, g, m, v, step = kept
    oracle = Backend.adam_update(
        BACKEND, [p], [g], [m], [v], step=step, learning_rate=torch.tensor(0.1), beta_1=0.9, beta_2=0.99, epsilon=1e-7
    )
    for ours, (expected,) in zip(results, oracle, strict=True):
        torch.testing.assert_close(ours, expected)


def test_captured_keys_stay_arguments_of_the_graph():
    """Inductor cannot write small uint32 constants into a kernel."""
    key = BACKEND.asarray([0, 3], dtype=dtypes.uint32)

    def function(arrays, backend):
        folded = backend.random_fold_in(backend.random_fold_in(key, backend.asarray(12345)), backend.asarray(0))
        return [backend.xp.multiply(arrays[0], backend.random_uniform(folded, (5,))), key], None

    expected, _ = function([torch.ones(5)], BACKEND)
    results, _ = BACKEND.jit(function)([torch.ones(5)])
    assert torch.equal(results[0], expected[0])
    assert torch.equal(results[1], key)
