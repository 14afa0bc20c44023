"""Control flow: Python's while TensorFlow runs eagerly, `tf.cond` and `tf.while_loop` in graphs. And `vmap`."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from typing import Any

from unifw.backend import ConditionFunction, ListFunction, PythonTransforms, ScanFunction
from unifw_tensorflow._import import raw, tf
from unifw_tensorflow._transforms import tapes


class _Mapping(threading.local):
    depth = 0


_mapping = _Mapping()


def _is_for_users(record: logging.LogRecord) -> bool:
    """Leave out what TensorFlow logs of its own mapping: that it traces anew, and graphs it cannot vectorize."""
    message = record.getMessage()
    return "pfor" not in message and not message.startswith('name: "')


tf.get_logger().addFilter(_is_for_users)


class ControlFlow(PythonTransforms):
    """TensorFlow has no rematerialisation that follows captured values, so `checkpoint` stays the identity."""

    def vmap(self, function: ListFunction, arrays: Sequence[Any], axes: Sequence[int | None], size: int) -> list[Any]:
        """See `Backend.vmap`: by `tf.vectorized_map`, which traces anew in each eager call; `jit` around it helps.

        What TensorFlow cannot vectorize (the gradient of a loop) is run for one slice after the other.
        """
        if not size:
            return super().vmap(function, arrays, axes, size)
        mapped = [
            self.xp.moveaxis(array, axis, 0) for array, axis in zip(arrays, axes, strict=True) if axis is not None
        ]
        shapes: list[tuple[int, ...]] = []
        raised: list[Exception] = []

        def one(slices: Sequence[Any]) -> list[Any]:
            remaining = iter(slices)
            given = [
                array if axis is None else tf.ensure_shape(next(remaining), self._without(array, axis))
                for array, axis in zip(arrays, axes, strict=True)
            ]
            _mapping.depth += 1
            try:
                results = [tf.convert_to_tensor(each) for each in function(given, self)]
            except Exception as error:
                raised.append(error)
                raise
            finally:
                _mapping.depth -= 1
            shapes[:] = [self.shape_of(each) for each in results]
            return results

        try:
            results = tf.vectorized_map(one, mapped, warn=False)
        except Exception:  # noqa: BLE001 - of many classes: whatever its converters stumble over
            if raised:  # TensorFlow puts it into an error of its own, whose class and text say less
                raise raised[-1] from None
            return super().vmap(function, arrays, axes, size)
        return [tf.ensure_shape(each, (size, *shape)) for each, shape in zip(results, shapes, strict=True)]

    def _without(self, array: Any, axis: int) -> tuple[int, ...]:
        shape = self.shape_of(array)
        return (*shape[:axis], *shape[axis + 1 :])

    def cond(
        self, predicate: Any, true_function: ListFunction, false_function: ListFunction, arrays: Sequence[Any]
    ) -> list[Any]:
        """See `Backend.cond`; in `vmap` both branches run, since each slice has a choice of its own."""
        if tf.executing_eagerly():
            return super().cond(predicate, true_function, false_function, arrays)
        if _mapping.depth:
            pairs = zip(true_function(list(arrays), self), false_function(list(arrays), self), strict=True)
            return [self.xp.where(predicate, *pair) for pair in pairs]
        results = tf.cond(
            predicate,
            lambda: [tf.identity(each) for each in true_function(list(arrays), self)],
            lambda: [tf.identity(each) for each in false_function(list(arrays), self)],
        )
        return list(results) if isinstance(results, (list, tuple)) else [results]

    def while_loop(self, condition: ConditionFunction, body: ListFunction, arrays: Sequence[Any]) -> list[Any]:
        """See `Backend.while_loop`."""
        if tf.executing_eagerly():
            return super().while_loop(condition, body, arrays)
        return list(
            tf.while_loop(
                lambda *state: condition(list(state), self),
                lambda *state: [tf.convert_to_tensor(each) for each in body(list(state), self)],
                list(arrays),
            )
        )

    def scan(
        self, function: ScanFunction, carry: Sequence[Any], xs: Sequence[Any], length: int, reverse: bool
    ) -> tuple[list[Any], list[Any]]:
        """See `Backend.scan`; the step is traced once, as a function that the loop calls.

        A scan that is both mapped and differentiated is unrolled: TensorFlow cannot map the lists in which the loop
        keeps what its gradient needs ("Required handle data not set").
        """
        if tf.executing_eagerly() or not length or (_mapping.depth and tapes()):
            return super().scan(function, carry, xs, length, reverse)
        count = len(carry)

        def step(*given: Any) -> list[Any]:
            state, collected = function(list(given[:count]), list(given[count:]), self)
            return [tf.convert_to_tensor(each) for each in (*state, *collected)]

        specifications = [tf.TensorSpec(each.shape, each.dtype) for each in carry]
        specifications += [tf.TensorSpec(each.shape[1:], each.dtype) for each in xs]
        traced = tf.function(step, autograph=False).get_concrete_function(*specifications)
        outputs = traced.outputs[count:]
        inputs = [
            tf.TensorArray(each.dtype, length, element_shape=each.shape[1:], clear_after_read=False).unstack(each)
            for each in xs
        ]
        collectors = [tf.TensorArray(each.dtype, length, element_shape=each.shape) for each in outputs]

        def body(index: Any, state: Sequence[Any], sources: Sequence[Any], collected: Sequence[Any]) -> tuple[Any, ...]:
            place = length - 1 - index if reverse else index
            results = list(traced(*state, *(each.read(place) for each in sources)))
            written = [array.write(place, value) for array, value in zip(collected, results[count:], strict=True)]
            return index + 1, results[:count], list(sources), written

        # With a known maximum, XLA can differentiate the loop.
        _, state, sources, collected = tf.while_loop(
            lambda index, *_: index < length,
            body,
            (tf.constant(0), list(carry), inputs, collectors),
            maximum_iterations=length,
        )
        # One operation for all, so that those whose gradient is not wanted get zeros: of a list of tensors, which
        # sources and collectors are, TensorFlow makes none.
        results = raw.IdentityN(input=[*state, *(each.stack() for each in (*collected, *sources))])
        rows = zip(results[count : count + len(outputs)], outputs, strict=True)
        return list(results[:count]), [tf.ensure_shape(each, (length, *like.shape)) for each, like in rows]

    def rows(self, x: Any, size: int) -> Sequence[Any]:
        """See `PythonTransforms.rows`."""
        return raw.Unpack(value=x, num=size, axis=0)  # type: ignore[no-any-return]
