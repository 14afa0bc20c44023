"""Composites that TensorFlow has kernels for. Each keeps the meaning of the default it replaces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from unifw.backend import Backend
from unifw_tensorflow._import import raw, tf

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unifw import dtypes


class Kernels(Backend):
    """Activations, losses and small helpers by one kernel each: fewer calls eagerly, hand-written gradients."""

    def relu(self, x: Any) -> Any:
        """One kernel."""
        return raw.Relu(features=x) if x.dtype.is_floating else super().relu(x)

    def sigmoid(self, x: Any) -> Any:
        """One kernel."""
        return raw.Sigmoid(x=x)

    def silu(self, x: Any) -> Any:
        """Two kernels."""
        return raw.Mul(x=x, y=raw.Sigmoid(x=x))

    def softplus(self, x: Any) -> Any:
        """One kernel."""
        if x.dtype in {tf.float16, tf.bfloat16}:  # the kernel is several ulp off in these
            return raw.Cast(x=raw.Softplus(features=raw.Cast(x=x, DstT=tf.float32)), DstT=x.dtype)
        return raw.Softplus(features=x)

    def leaky_relu(self, x: Any, negative_slope: float) -> Any:
        """One kernel, but for float64: it takes the slope in single precision."""
        if x.dtype == tf.float64:
            return super().leaky_relu(x, negative_slope)
        return raw.LeakyRelu(features=x, alpha=negative_slope)

    def elu(self, x: Any, alpha: float) -> Any:
        """One kernel where `alpha` is 1, the only case it has."""
        return raw.Elu(features=x) if alpha == 1 else super().elu(x, alpha)

    def softmax(self, x: Any, axis: int) -> Any:
        """One kernel along the last axis."""
        return raw.Softmax(logits=x) if _is_last(x, axis) else super().softmax(x, axis)

    def log_softmax(self, x: Any, axis: int) -> Any:
        """One kernel along the last axis."""
        return raw.LogSoftmax(logits=x) if _is_last(x, axis) else super().log_softmax(x, axis)

    def erf(self, x: Any) -> Any:
        """One kernel."""
        return raw.Erf(x=x)

    def one_hot(self, indices: Any, num_classes: int, dtype: dtypes.DType) -> Any:
        """One kernel."""
        native = self.native_dtype(dtype)
        if indices.dtype not in {tf.uint8, tf.int8, tf.int32, tf.int64}:
            indices = raw.Cast(x=indices, DstT=tf.int64)
        return raw.OneHot(
            indices=indices,
            depth=num_classes,
            on_value=tf.constant(dtype.type(1), native),
            off_value=tf.constant(dtype.type(0), native),
            axis=-1,
        )

    def pad(self, x: Any, padding: Sequence[tuple[int, int]], value: float) -> Any:
        """One kernel for all axes."""
        if not any(before or after for before, after in padding):
            return x
        if value and not tf.executing_eagerly():  # `vmap` in TensorFlow 2.21 loses the value and pads with 0
            return super().pad(x, padding, value)
        paddings = tf.constant([list(each) for each in padding], tf.int32)
        return raw.PadV2(input=x, paddings=paddings, constant_values=tf.constant(value, x.dtype))

    def index_set(self, x: Any, indices: Any, updates: Any) -> Any:
        """One kernel."""
        if not tf.executing_eagerly():  # `vmap` puts its own index of 32 bits in front
            indices = tf.cast(indices, tf.int32)
        return tf.tensor_scatter_nd_update(x, tf.expand_dims(indices, 1), updates)

    def index_add(self, x: Any, indices: Any, updates: Any, axis: int) -> Any:
        """One kernel, along the first axis."""
        if x.dtype not in _SCATTERED:
            return super().index_add(x, indices, updates, axis)
        shape = x.shape.as_list()
        rows = tf.reshape(updates, (*shape[:axis], -1, *shape[axis + 1 :]))
        order = (axis, *(each for each in range(len(shape)) if each != axis))
        back = tuple(order.index(each) for each in range(len(shape)))
        places = tf.reshape(indices, (-1, 1))
        moved = tf.tensor_scatter_nd_add(tf.transpose(x, order), places, tf.transpose(rows, order))
        return tf.transpose(moved, back)

    def sparse_softmax_cross_entropy(self, logits: Any, labels: Any) -> Any:
        """One kernel, which computes the gradient on the way."""
        if labels.dtype not in {tf.int32, tf.int64}:
            labels = raw.Cast(x=labels, DstT=tf.int64)
        return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)


_SCATTERED = (tf.float32, tf.float64, tf.int32, tf.int64, tf.complex64, tf.complex128)


def _is_last(x: Any, axis: int) -> bool:
    return bool(axis in {-1, x.shape.rank - 1} and x.shape.rank)
