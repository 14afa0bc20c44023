"""Random initial values whose variance depends on the number of inputs and outputs."""

from __future__ import annotations

import math
from typing import Any, Final, Literal, final

import numpy as np

from unifw.errors import ArgumentError
from unifw.initializers._initializer import Initializer
from unifw.initializers._random import between
from unifw.tensor.random import host

# The standard deviation of a standard normal truncated to [-2, 2].
_TRUNCATED_STDDEV: Final = 0.87962566103423978

Mode = Literal["fan_in", "fan_out", "fan_avg"]
Distribution = Literal["truncated_normal", "untruncated_normal", "uniform"]


class VarianceScaling(Initializer):
    """Values of variance ``scale / n``, where `n` is chosen by `mode`.

    For a kernel ``(*window, inputs, outputs)`` fan-in is ``prod(window) * inputs``, fan-out ``prod(window) * outputs``.

    Args:
        scale: positive factor.
        mode: "fan_in", "fan_out" or "fan_avg", their mean.
        distribution: "truncated_normal", "untruncated_normal" or "uniform".
        seed: fixes the values whatever the variable; None takes the variable's own key.
    """

    def __init__(
        self,
        scale: float = 1.0,
        mode: Mode = "fan_in",
        distribution: Distribution = "truncated_normal",
        seed: int | None = None,
    ) -> None:
        if scale <= 0:
            raise ArgumentError(f"scale must be positive, got {scale}.")
        if mode not in ("fan_in", "fan_out", "fan_avg"):
            raise ArgumentError(f"mode must be 'fan_in', 'fan_out' or 'fan_avg', got {mode!r}.")
        if distribution not in ("truncated_normal", "untruncated_normal", "uniform"):
            raise ArgumentError(
                f"distribution must be 'truncated_normal', 'untruncated_normal' or 'uniform', got {distribution!r}."
            )
        self.scale, self.mode, self.distribution, self.seed = scale, mode, distribution, seed

    def sample(self, key: np.ndarray[Any, Any], shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
        """Return float32 values."""
        fan_in, fan_out = _fans(shape)
        fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]
        variance = self.scale / max(1.0, fan)
        if self.distribution == "uniform":
            limit = math.sqrt(3.0 * variance)
            return between(host.uniform(key, shape), -limit, limit)
        if self.distribution == "untruncated_normal":
            return host.normal(key, shape) * np.float32(math.sqrt(variance))
        stddev = math.sqrt(variance) / _TRUNCATED_STDDEV
        return host.truncated_normal(key, -2.0, 2.0, shape) * np.float32(stddev)


def _fans(shape: tuple[int, ...]) -> tuple[int, int]:
    if not shape:
        return 1, 1
    if len(shape) == 1:
        return shape[0], shape[0]
    window = math.prod(shape[:-2])
    return window * shape[-2], window * shape[-1]


@final
class GlorotUniform(VarianceScaling):
    """Uniform on ±sqrt(6 / (fan_in + fan_out)) (Glorot and Bengio, AISTATS 2010)."""

    def __init__(self, seed: int | None = None) -> None:
        super().__init__(1.0, "fan_avg", "uniform", seed)


@final
class GlorotNormal(VarianceScaling):
    """Truncated normal of variance 2 / (fan_in + fan_out) (Glorot and Bengio, AISTATS 2010)."""

    def __init__(self, seed: int | None = None) -> None:
        super().__init__(1.0, "fan_avg", "truncated_normal", seed)


@final
class HeUniform(VarianceScaling):
    """Uniform on ±sqrt(6 / fan_in) (He et al., arXiv:1502.01852)."""

    def __init__(self, seed: int | None = None) -> None:
        super().__init__(2.0, "fan_in", "uniform", seed)


@final
class HeNormal(VarianceScaling):
    """Truncated normal of variance 2 / fan_in (He et al., arXiv:1502.01852)."""

    def __init__(self, seed: int | None = None) -> None:
        super().__init__(2.0, "fan_in", "truncated_normal", seed)


@final
class LecunUniform(VarianceScaling):
    """Uniform on ±sqrt(3 / fan_in)."""

    def __init__(self, seed: int | None = None) -> None:
        super().__init__(1.0, "fan_in", "uniform", seed)


@final
class LecunNormal(VarianceScaling):
    """Truncated normal of variance 1 / fan_in."""

    def __init__(self, seed: int | None = None) -> None:
        super().__init__(1.0, "fan_in", "truncated_normal", seed)
