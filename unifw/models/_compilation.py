"""What `compile` fixed: how the model is optimised and judged, and whether steps are compiled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from unifw import losses, metrics
from unifw import tensor as ops
from unifw.backend import Backend
from unifw.errors import ArgumentError, StateError
from unifw.optimizers import Optimizer
from unifw.tensor import Tensor

CompileMode: TypeAlias = bool | Literal["auto"]


@dataclass
class Compilation:
    """The arguments of `Model.compile`, resolved.

    Attributes:
        optimizer: the optimizer.
        loss: one loss, or one per output in a list or dict; None if the model adds its own in `compute_loss`.
        loss_weights: factors of the losses, of the same form.
        metrics: metrics by the name of their logs; a pair of (output key or index or None, metric).
        weighted_metrics: names among `metrics` that get the sample weights.
        mode: see `Model.compile`.
        steps: compiled and eager steps by kind, made when first needed.
    """

    optimizer: Optimizer
    loss: Any
    loss_weights: Any
    metrics: dict[str, tuple[Any, metrics.Metric]]
    weighted_metrics: frozenset[str]
    mode: CompileMode
    steps: dict[Any, Any] = field(default_factory=dict)

    def compiles(self, backend: Backend, mode: CompileMode | None = None) -> bool:
        """Return whether steps are compiled on a backend.

        "auto" compiles where it is cheap. Where it costs many seconds (the first call of torch's Inductor takes 15 to
        35 s for small models) a short run would only wait, so there it must be asked for with ``compile=True``.
        """
        chosen = self.mode if mode is None else mode
        if chosen == "auto":
            return backend.capabilities.compilation == "cheap"
        return bool(chosen) and backend.capabilities.compilation != "none"


def resolve_losses(loss: Any) -> Any:
    """Return losses as objects, keeping lists and dicts."""
    if loss is None:
        return None
    if isinstance(loss, Mapping):
        return {key: losses.get(each) for key, each in loss.items()}
    if isinstance(loss, list | tuple):
        return [losses.get(each) for each in loss]
    return losses.get(loss)


def resolve_metrics(given: Any, weighted: Any) -> tuple[dict[str, tuple[Any, metrics.Metric]], frozenset[str]]:
    """Return metrics by name, and the names of those that get sample weights."""
    found: dict[str, tuple[Any, metrics.Metric]] = {}
    names = []
    for part, is_weighted in ((given, False), (weighted, True)):
        for output, metric in _metrics(part):
            prefix = "" if output is None else f"{output}_"
            name = prefix + metric.name
            count = 1
            while name in found or name == "loss":
                name, count = f"{prefix}{metric.name}_{count}", count + 1
            found[name] = (output, metric)
            if is_weighted:
                names.append(name)
    return found, frozenset(names)


def _metrics(part: Any) -> list[tuple[Any, metrics.Metric]]:
    if part is None:
        return []
    if isinstance(part, Mapping):
        return [(key, metric) for key, each in part.items() for _, metric in _metrics(each)]
    if isinstance(part, list | tuple):
        return [(None, _metric(each)) for each in part]
    return [(None, _metric(part))]


def _metric(identifier: Any) -> metrics.Metric:
    if isinstance(identifier, str) and identifier.lower() in ("accuracy", "acc"):
        return metrics.AutomaticAccuracy(name=identifier)
    return metrics.get(identifier)


def total_loss(compilation: Compilation, y: Any, y_pred: Any, sample_weight: Any) -> Tensor:
    """Return the weighted sum of the losses of all outputs."""
    loss = compilation.loss
    if loss is None:
        raise StateError("The model was compiled without a loss. Give compile(loss=…), or override compute_loss().")
    if y is None:
        raise ArgumentError("The loss needs targets, but the data has none. Pass y, or yield (x, y) pairs.")
    weights = compilation.loss_weights
    if not isinstance(loss, list | dict):
        if not isinstance(y_pred, Tensor):
            kind = type(y_pred).__name__
            raise ArgumentError(f"The model returns a {kind} of outputs; give one loss per output in a {kind}.")
        value: Tensor = loss(y, y_pred, sample_weight)
        return value if weights is None else value * float(weights)
    keys: Sequence[Any] = list(loss) if isinstance(loss, dict) else range(len(loss))
    total: Tensor | None = None
    for key in keys:
        value = loss[key](y[key], y_pred[key], sample_weight)
        if weights is not None:
            value = value * float(weights[key])
        total = value if total is None else ops.add(total, value)
    if total is None:
        raise ArgumentError("compile() got an empty collection of losses.")
    return total
