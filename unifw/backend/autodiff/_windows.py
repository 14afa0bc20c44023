"""Hand-written gradients of convolution, pooling and the scatters.

`conv` and its two gradients are the three faces of one trilinear form, so the derivative of each is another of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from unifw.backend._composites import Reduction
from unifw.backend._composites._windows import Pads
from unifw.backend.autodiff._over_inner import OverInner


class FusedWindows(OverInner):
    """Convolution and pooling."""

    def conv(self, x: Any, kernel: Any, strides: Sequence[int], padding: Pads, dilation: Sequence[int]) -> Any:
        """See `Convolution.conv`."""
        inner, value = self.inner, self.recorder.value
        a, k = value(x), value(kernel)
        how = (strides, padding, dilation)
        return self.recorder.record(
            inner.conv(a, k, *how),
            (x, lambda g: inner.conv_input_gradient(g, k, inner.shape_of(a), *how)),
            (kernel, lambda g: inner.conv_kernel_gradient(a, g, inner.shape_of(k), *how)),
        )

    def conv_input_gradient(
        self,
        gradient: Any,
        kernel: Any,
        shape: Sequence[int],
        strides: Sequence[int],
        padding: Pads,
        dilation: Sequence[int],
    ) -> Any:
        """See `Gradients.conv_input_gradient`."""
        inner, value = self.inner, self.recorder.value
        b, k = value(gradient), value(kernel)
        how = (strides, padding, dilation)
        return self.recorder.record(
            inner.conv_input_gradient(b, k, shape, *how),
            (gradient, lambda g: inner.conv(g, k, *how)),
            (kernel, lambda g: inner.conv_kernel_gradient(g, b, inner.shape_of(k), *how)),
        )

    def conv_kernel_gradient(
        self,
        x: Any,
        gradient: Any,
        shape: Sequence[int],
        strides: Sequence[int],
        padding: Pads,
        dilation: Sequence[int],
    ) -> Any:
        """See `Gradients.conv_kernel_gradient`."""
        inner, value = self.inner, self.recorder.value
        a, b = value(x), value(gradient)
        how = (strides, padding, dilation)
        return self.recorder.record(
            inner.conv_kernel_gradient(a, b, shape, *how),
            (x, lambda g: inner.conv_input_gradient(b, g, inner.shape_of(a), *how)),
            (gradient, lambda g: inner.conv(a, g, *how)),
        )

    def max_pool(self, x: Any, window: Sequence[int], strides: Sequence[int], padding: Pads) -> Any:
        """See `Convolution.max_pool`."""
        inner = self.inner
        value = self.recorder.value(x)
        result = inner.max_pool(value, window, strides, padding)
        pull = lambda g: inner.max_pool_gradient(value, result, g, window, strides, padding)  # noqa: E731
        return self.recorder.record(result, (x, pull))

    def average_pool(self, x: Any, window: Sequence[int], strides: Sequence[int], padding: Pads) -> Any:
        """See `Convolution.average_pool`."""
        inner = self.inner
        value = self.recorder.value(x)
        shape = inner.shape_of(value)
        return self.recorder.record(
            inner.average_pool(value, window, strides, padding),
            (x, lambda g: inner.average_pool_gradient(g, shape, window, strides, padding)),
        )

    def average_pool_gradient(
        self, gradient: Any, shape: Sequence[int], window: Sequence[int], strides: Sequence[int], padding: Pads
    ) -> Any:
        """See `Gradients.average_pool_gradient`."""
        inner = self.inner
        return self.recorder.record(
            inner.average_pool_gradient(self.recorder.value(gradient), shape, window, strides, padding),
            (gradient, lambda g: inner.average_pool(g, window, strides, padding)),
        )


class FusedScatters(OverInner):
    """Scatters and padding: the adjoint of writing is reading."""

    def pad(self, x: Any, padding: Sequence[tuple[int, int]], value: float) -> Any:
        """See `Special.pad`."""
        inner = self.inner
        array = self.recorder.value(x)
        sizes = zip(inner.shape_of(array), padding, strict=True)
        key = tuple(slice(before, before + size) for size, (before, _) in sizes)
        return self.recorder.record(inner.pad(array, padding, value), (x, lambda g: g[key]))

    def scatter_slice(self, values: Any, key: Any, shape: Sequence[int]) -> Any:
        """See `Gradients.scatter_slice`."""
        return self.recorder.record(
            self.inner.scatter_slice(self.recorder.value(values), key, shape), (values, lambda g: g[key])
        )

    def index_set(self, x: Any, indices: Any, updates: Any) -> Any:
        """See `Indexing.index_set`."""
        inner, value = self.inner, self.recorder.value
        where = value(indices)
        return self.recorder.record(
            inner.index_set(value(x), where, value(updates)),
            (x, lambda g: inner.index_set(g, where, inner.xp.zeros_like(value(updates)))),
            (updates, lambda g: inner.xp.take(g, where, axis=0)),
        )

    def set_slice(self, x: Any, key: Any, values: Any) -> Any:
        """See `Indexing.set_slice`."""
        inner, value = self.inner, self.recorder.value
        return self.recorder.record(
            inner.set_slice(value(x), key, value(values)),
            (x, lambda g: inner.set_slice(g, key, inner.xp.zeros_like(value(values)))),
            (values, lambda g: g[key]),
        )

    def index_add(self, x: Any, indices: Any, updates: Any, axis: int) -> Any:
        """See `Gradients.index_add`."""
        inner, value = self.inner, self.recorder.value
        where = value(indices)
        return self.recorder.record(
            inner.index_add(value(x), where, value(updates), axis),
            (x, lambda g: g),
            (updates, lambda g: inner.xp.take(g, where, axis=axis)),
        )

    def scatter_add(self, x: Any, indices: Any, updates: Any, axis: int) -> Any:
        """See `Gradients.scatter_add`."""
        inner, value = self.inner, self.recorder.value
        where = value(indices)
        return self.recorder.record(
            inner.scatter_add(value(x), where, value(updates), axis),
            (x, lambda g: g),
            (updates, lambda g: inner.xp.take_along_axis(g, where, axis=axis)),
        )

    def index_reduce(self, x: Any, indices: Any, updates: Any, operation: Reduction) -> Any:
        """See `Indexing.index_reduce`, whose derivative callers say."""
        value = self.recorder.value
        return self.inner.index_reduce(value(x), value(indices), value(updates), operation)
