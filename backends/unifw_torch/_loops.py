"""Loops and branches as operators of the graph that `jit` compiles: Inductor calls them, and they call their parts.

torch's own (`torch.cond`, `while_loop` and `scan` of `torch._higher_order_ops`) are private but for the first, made for
torch.compile's Python tracer, and take no closures here. These stand on public ground, `torch.library.custom_op`; each
part is compiled once, whatever the length. A step costs some microseconds of Python around the kernels of the part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, final

import torch

from unifw.errors import UnsupportedError
from unifw_torch import _parts
from unifw_torch._parts import Arrays, is_floating, part, specification
from unifw_torch._state import state

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unifw.backend import Backend, ConditionFunction, ListFunction, ScanFunction

# One pinned thread, a recurrent step of 32 units, microseconds a step: unrolled 10, as a loop 40; with gradients 20 and
# 90. But at 100 steps the unrolled gradient takes 120 a step, and 70 s to compile; the loop takes 4 s at any length.
UNROLLED: Final = 16


def scan(
    owner: Backend, function: ScanFunction, carry: Sequence[Any], xs: Sequence[Any], length: int, reverse: bool
) -> tuple[Arrays, Arrays]:
    """Implement `Backend.scan` while `jit` traces."""
    carries, rows = len(carry), len(xs)
    keep = length > UNROLLED and (state.depth > 0 or state.enclosing)

    def run(arrays: Arrays) -> Arrays:
        following, collected = function(arrays[:carries], arrays[carries:], owner)
        return [*following, *collected, *(arrays[:carries] * keep)]

    inputs = [specification(each) for each in carry] + [(tuple(x.shape[1:]), x.dtype, x.device) for x in xs]
    step, captured = _parts.trace(run, inputs, owner)
    if length > UNROLLED:
        history = carries * keep
        results = torch.ops.unifw.scan(step.number, carries, rows, length, reverse, history, [*carry, *xs, *captured])
        return results[:carries], results[carries : len(results) - history]
    current = list(carry)
    slices = [x.unbind(0) for x in xs]
    steps: list[Arrays] = []
    for index in reversed(range(length)) if reverse else range(length):
        results = step.inline([*current, *[each[index] for each in slices], *captured])
        current = results[:carries]
        steps.append(results[carries:])
    return current, [torch.stack(list(each)) for each in zip(*(steps[::-1] if reverse else steps), strict=True)]


def while_loop(owner: Backend, condition: ConditionFunction, body: ListFunction, arrays: Sequence[Any]) -> Arrays:
    """Implement `Backend.while_loop` while `jit` traces."""
    inputs = [specification(each) for each in arrays]
    asked, first = _parts.trace(lambda given: [condition(given, owner)], inputs, owner)
    step, captured = _parts.trace(lambda given: body(given, owner), inputs, owner)
    everything = [*arrays, *first, *captured]
    return list(torch.ops.unifw.while_loop(asked.number, step.number, len(arrays), len(first), everything))


def cond(
    owner: Backend, predicate: Any, true_function: ListFunction, false_function: ListFunction, arrays: Sequence[Any]
) -> Arrays:
    """Implement `Backend.cond` while `jit` traces."""
    inputs = [specification(each) for each in arrays]
    true_part, first = _parts.trace(lambda given: true_function(given, owner), inputs, owner)
    false_part, second = _parts.trace(lambda given: false_function(given, owner), inputs, owner)
    everything = [*arrays, *first, *second]
    numbers = true_part.number, false_part.number
    return list(torch.ops.unifw.cond(*numbers, len(arrays), len(first), predicate, everything))


def checkpoint(owner: Backend, function: ListFunction, arrays: Sequence[Any]) -> Arrays:
    """Implement `Backend.checkpoint` while `jit` traces."""
    inputs = [specification(each) for each in arrays]
    computed, captured = _parts.trace(lambda given: function(given, owner), inputs, owner)
    return list(_Recomputed.apply(computed, *arrays, *captured))


_copy_after = torch.library.custom_op(
    "unifw::copy_after",
    lambda x, _other: x.clone(memory_format=torch.contiguous_format),
    mutates_args=(),
    schema="(Tensor x, Tensor other) -> Tensor",
)
_copy_after.register_fake(lambda x, _other: x.new_empty(x.shape))
_copy_after.register_autograd(lambda _context, cotangent: (cotangent, None))


@final
class _Recomputed(torch.autograd.Function):  # type: ignore[misc]  # torch is not followed by mypy
    """A part that keeps its arguments only."""

    @staticmethod
    def forward(ctx: Any, computed: _parts.Part, *arrays: Any) -> tuple[Any, ...]:
        ctx.computed = computed
        ctx.save_for_backward(*arrays)
        ctx.set_materialize_grads(False)
        return tuple(computed.inline(arrays))

    @staticmethod
    def backward(ctx: Any, *found: Any) -> tuple[Any, ...]:
        arrays = ctx.saved_tensors
        needed = ctx.needs_input_grad[1:]
        wanted = [place for place, each in enumerate(arrays) if needed[place] and is_floating(each)]
        given = [place for place, each in enumerate(found) if each is not None]
        pull = _parts.pullback(ctx.computed, wanted, given, further=torch.is_grad_enabled())
        gradients: Arrays = [None] * len(arrays)
        cotangents = [found[place] for place in given]
        if not cotangents:
            return (None, *gradients)
        # Inductor orders by what depends on what: not before there is a cotangent, or all is computed at once.
        later = [torch.ops.unifw.copy_after(each, cotangents[0]) if is_floating(each) else each for each in arrays]
        results = pull.inline([*later, *cotangents])
        for place, gradient in zip(wanted, results, strict=True):
            gradients[place] = gradient
        return (None, *gradients)


# --- what runs -----------------------------------------------------------------------------------------------------


def _scan(step: int, carries: int, rows: int, length: int, reverse: bool, _history: int, arrays: Arrays) -> Arrays:
    run = part(step)
    arrays = [each.contiguous() for each in arrays]
    state, constants = arrays[:carries], arrays[carries + rows :]
    slices = [each.unbind(0) for each in arrays[carries : carries + rows]]
    collected = [
        torch.empty((length, *shape), dtype=dtype, device=device) for shape, dtype, device in run.outputs[carries:]
    ]
    places = [each.unbind(0) for each in collected]
    for index in reversed(range(length)) if reverse else range(length):
        results = run([*state, *[each[index] for each in slices], *constants])
        state = list(results[:carries])
        for place, result in zip(places, results[carries:], strict=True):
            place[index].copy_(result)
    return [*_separate(state), *collected]


def _while_loop(condition: int, body: int, carries: int, first: int, arrays: Arrays) -> Arrays:
    holds, run = part(condition), part(body)
    arrays = [each.contiguous() for each in arrays]
    state, asked, constants = arrays[:carries], arrays[carries : carries + first], arrays[carries + first :]
    given = {id(each) for each in state}
    while holds([*state, *asked])[0]:
        state = list(run([*state, *constants]))
    return _separate([each.clone() if id(each) in given else each for each in state])


def _cond(true_part: int, false_part: int, shared: int, first: int, predicate: Any, arrays: Arrays) -> Arrays:
    arrays = [each.contiguous() for each in arrays]
    if predicate:
        return _separate(part(true_part)(arrays[: shared + first]))
    return _separate(part(false_part)([*arrays[:shared], *arrays[shared + first :]]))


def _separate(arrays: Sequence[Any]) -> Arrays:
    """Copy what is returned twice."""
    return [
        each.clone() if any(each is other for other in arrays[:place]) else each for place, each in enumerate(arrays)
    ]


# --- their shapes --------------------------------------------------------------------------------------------------


def _scan_shapes(step: int, carries: int, _rows: int, length: int, *_: Any) -> Arrays:
    outputs = part(step).empty()
    return outputs[:carries] + [each.new_empty((length, *each.shape)) for each in outputs[carries:]]


# --- derivatives ---------------------------------------------------------------------------------------------------


def _differentiable(ctx: Any, arrays: Sequence[Any], start: int = 0) -> list[int]:
    """Return the places of those that are to have a gradient, the first of which is argument `start`."""
    needed = ctx.needs_input_grad[-1]
    return [place for place, each in enumerate(arrays) if is_floating(each) and needed[start + place]]


def _scan_backward(ctx: Any, found: Arrays) -> tuple[Any, ...]:
    """The scan in the other direction, of the pullback of its step.

    Its state is the cotangents of the carry, and sums of what the steps find for the constants; its rows are cotangents
    of what was collected, and the carry before each step.
    """
    number, carries, rows, length, reverse, history = ctx.plain
    step, further = part(number), torch.is_grad_enabled()
    arrays, outputs = list(ctx.saved_tensors[: ctx.count]), list(ctx.saved_tensors[ctx.count :])
    init, xs, constants = arrays[:carries], arrays[carries : carries + rows], arrays[carries + rows :]
    seen = outputs[len(outputs) - history :]
    floating = [place for place, each in enumerate(init) if is_floating(each)]
    of_rows, of_constants = _differentiable(ctx, xs, carries), _differentiable(ctx, constants, carries + rows)
    wanted = [*floating, *(carries + i for i in of_rows), *(carries + rows + i for i in of_constants)]
    given = [place for place in range(carries, len(outputs)) if found[place] is not None]
    pull = _parts.pullback(step, wanted, [*floating, *given], further=further)
    states, sums = len(floating), len(of_constants)

    def back(current: Arrays) -> Arrays:
        split = Arrays(current)
        change, total = split[:states], split[states : states + sums]
        given_rows, rest = split[states + sums :][: len(given)], split[states + sums + len(given) :]
        gradients = pull.inline([*rest, *change, *given_rows])
        added = [each + more for each, more in zip(total, gradients[len(wanted) - sums :], strict=True)]
        return [
            *gradients[:states],
            *added,
            *gradients[states : len(wanted) - sums],
            *(current[: states + sums] * further),
        ]

    start = [torch.zeros_like(init[place]) if found[place] is None else found[place] for place in floating] + [
        torch.zeros_like(constants[place]) for place in of_constants
    ]
    given_rows = [*(found[place] for place in given), *seen, *xs]
    specifications = [specification(each) for each in start]
    specifications += [specification(each[0]) for each in given_rows] + [specification(each) for each in constants]
    backwards, _ = _parts.trace(back, specifications, step.owner)
    results = torch.ops.unifw.scan(
        backwards.number,
        len(start),
        len(given_rows),
        length,
        not reverse,
        len(start) * further,
        [*start, *given_rows, *constants],
    )
    gradients: list[Any] = [None] * ctx.count
    for place, gradient in zip(floating, results, strict=False):
        gradients[place] = gradient
    for place, gradient in zip(of_constants, results[states:], strict=False):
        gradients[carries + rows + place] = gradient
    for place, gradient in zip(of_rows, results[states + sums :], strict=False):
        gradients[carries + place] = gradient
    return (*[None] * len(ctx.plain), gradients)


def _cond_backward(ctx: Any, found: Arrays) -> tuple[Any, ...]:
    """The branch of the pullbacks."""
    true_part, false_part, shared, first, predicate = ctx.plain
    arrays = list(ctx.saved_tensors[: ctx.count])
    further = torch.is_grad_enabled()
    wanted = _differentiable(ctx, arrays)
    given = [place for place, each in enumerate(found) if each is not None]
    cotangents = [found[place] for place in given]
    branches = []
    for number, mine in (
        (true_part, range(shared + first)),
        (false_part, [*range(shared), *range(shared + first, len(arrays))]),
    ):
        places = list(mine)
        own = [places.index(place) for place in wanted if place in places]
        pull = _parts.pullback(part(number), own, given, further=further)

        def back(current: Arrays, places: list[int] = places, pull: Any = pull) -> Arrays:
            gradients = iter(pull.inline([*(current[place] for place in places), *current[len(arrays) :]]))
            return [next(gradients) if place in places else torch.zeros_like(current[place]) for place in wanted]

        specifications = [specification(each) for each in (*arrays, *cotangents)]
        branches.append(_parts.trace(back, specifications, part(number).owner)[0].number)
    everything = [*arrays, *cotangents]
    results = torch.ops.unifw.cond(*branches, len(everything), 0, predicate, everything)
    gradients: list[Any] = [None] * ctx.count
    for place, gradient in zip(wanted, results, strict=True):
        gradients[place] = gradient
    return (*[None] * len(ctx.plain), gradients)


def _while_backward(_ctx: Any, _found: Arrays) -> tuple[Any, ...]:
    raise UnsupportedError(
        "Reverse-mode derivatives of while_loop under jit, and of fori_loop with traced bounds, do not exist on torch, "
        "as on jax: the number of steps is unknown, so what each step did cannot be kept. Use scan, or fori_loop "
        "with Python integers as bounds; or differentiate outside jit (torch, numpy), or on tensorflow."
    )


# --- the operators -------------------------------------------------------------------------------------------------


def _keep(ctx: Any, inputs: tuple[Any, ...], output: Arrays) -> None:
    *ctx.plain, arrays = inputs
    ctx.count = len(arrays)
    ctx.save_for_backward(*arrays, *output)
    ctx.set_materialize_grads(False)


def _operator(name: str, schema: str, function: Any, shapes: Any, backward: Any) -> Any:
    operator = torch.library.custom_op(f"unifw::{name}", function, mutates_args=(), schema=f"({schema}) -> Tensor[]")
    operator.register_fake(shapes)
    operator.register_autograd(backward, setup_context=_keep)
    return operator


_operator(
    "scan",
    "int step, int carries, int rows, int length, bool reverse, int history, Tensor[] arrays",
    _scan,
    _scan_shapes,
    _scan_backward,
)
_operator(
    "cond",
    "int true_part, int false_part, int shared, int first, Tensor predicate, Tensor[] arrays",
    _cond,
    lambda true_part, *_: part(true_part).empty(),
    _cond_backward,
)
_operator(
    "while_loop",
    "int condition, int body, int carries, int first, Tensor[] arrays",
    _while_loop,
    lambda _condition, body, *_: part(body).empty(),
    _while_backward,
)
