"""Transforms on the abstract backend: shapes, dtypes and counted operations, without values."""

from __future__ import annotations

import unifw as uf
from unifw.backend import support_table
from unifw.backend.abstract import AbstractBackend


def test_loops_are_counted_as_often_as_they_run():
    backend = AbstractBackend()
    with uf.use_backend(backend):
        w, x = uf.ones((3, 3)), uf.ones((4, 3))
        last, rows = uf.scan(lambda state, row: (w @ state, row[0]), uf.ones(3), x)
        assert (last.shape, rows.shape) == ((3,), (4,))
        assert backend.flops == 4 * 2 * 9
        backend.flops = 0
        assert uf.vmap(lambda row: w @ row)(x).shape == (4, 3)
        assert backend.flops == 4 * 2 * 9


def test_branches_and_conditions_need_no_values():
    with uf.use_backend(AbstractBackend()):
        x = uf.ones((2, 3))
        assert uf.cond(uf.sum(x) > 0, uf.exp, lambda x: x, x).shape == (2, 3)
        assert uf.while_loop(lambda x: uf.sum(x) > 0, lambda x: x - 1.0, x).shape == (2, 3)
        assert uf.checkpoint(uf.sum)(x).shape == ()


def test_derivatives_have_the_shapes_of_what_they_belong_to():
    with uf.use_backend(AbstractBackend()):
        x = uf.ones((3,))
        outputs, pullback = uf.vjp(lambda x: {"y": uf.stack([x, x])}, x)
        assert outputs["y"].shape == (2, 3)
        assert pullback(outputs)[0].shape == (3,)
        assert uf.jvp(uf.sum, (x,), (x,))[1].shape == ()
        assert uf.hessian(lambda x: uf.sum(x * x))(x).shape == (3, 3)


def test_every_backend_answers_for_each_transform(backend):
    table = support_table(backend)
    for name in ("vjp", "jvp", "vmap", "cond", "while_loop", "scan", "checkpoint", "custom_vjp"):
        assert table[name] in {"native", "composite"}
