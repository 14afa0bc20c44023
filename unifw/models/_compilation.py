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


def resolve_mode(compile: Any, jit_compile: Any, run_eagerly: bool) -> CompileMode:
    """Return the one mode that the three arguments of `Model.compile` mean.

    Raises:
        ArgumentError: if they contradict each other, or one is neither a bool nor "auto".
    """
    for name, value in (("compile", compile), ("jit_compile", jit_compile)):
        if value not in (True, False, "auto"):
            raise ArgumentError(f"{name} must be True, False or 'auto', got {value!r}.")
    given = {bool(each) for each in (compile, jit_compile) if each != "auto"}
    if len(given) == 2 or (run_eagerly and True in given):
        raise ArgumentError(
            f"compile={compile!r}, jit_compile={jit_compile!r} and run_eagerly={run_eagerly!r} contradict each other. "
            "jit_compile is another name of compile, and run_eagerly=True means compile=False: give one of them."
        )
    return False if run_eagerly else given.pop() if given else "auto"


def resolve_losses(loss: Any) -> Any:
    """Return losses as objects, keeping lists and dicts; None in them means an output without a loss."""
    if loss is None:
        return None
    if isinstance(loss, Mapping):
        return {key: None if each is None else losses.get(each) for key, each in loss.items()}
    if isinstance(loss, list | tuple):
        return [None if each is None else losses.get(each) for each in loss]
    return losses.get(loss)


def resolve_loss_weights(weights: Any, loss: Any) -> Any:
    """Return the factors of losses in the form of the losses.

    Raises:
        ArgumentError: if they are not one number for each loss.
    """
    if weights is None:
        return None
    if isinstance(weights, tuple):
        weights = list(weights)
    if not isinstance(loss, list | dict):
        alone = weights[0] if isinstance(weights, list) and len(weights) == 1 else weights
        if isinstance(alone, list | Mapping):
            raise ArgumentError(f"loss_weights={weights!r} does not fit one loss. Give one number.")
        return _factor(alone, weights)
    fits = (
        isinstance(weights, Mapping) and set(weights) == set(loss)
        if isinstance(loss, dict)
        else (isinstance(weights, list) and len(weights) == len(loss))
    )
    if not fits:
        raise ArgumentError(
            f"loss_weights={weights!r} must be one number per loss, in the same form: losses are for {_names(loss)}."
        )
    if isinstance(loss, dict):
        return {key: _factor(each, weights) for key, each in weights.items()}
    return [_factor(each, weights) for each in weights]


def _factor(value: Any, weights: Any) -> float:
    """Return the factor of one loss.

    Raises:
        ArgumentError: if it is no number: most often metrics that were given in the place of `loss_weights`.
    """
    try:
        return float(value)
    except (TypeError, ValueError):
        raise ArgumentError(
            f"loss_weights must be numbers, got {weights!r}. The third argument of compile() is loss_weights, as in "
            "Keras: give metrics by name, compile(…, metrics=['accuracy'])."
        ) from None


def resolve_metrics(
    given: Any, weighted: Any, loss: Any = None
) -> tuple[dict[str, tuple[Any, metrics.Metric]], frozenset[str]]:
    """Return metrics by the names of their logs, which are Keras', and the names of those that get sample weights.

    Args:
        given: a metric; a list for one output; a list of one metric or list per output, or a dict by output.
        weighted: the same, of those that get sample weights.
        loss: the resolved losses, which say how many outputs there are.

    Raises:
        ArgumentError: for an unknown name, or a list that does not fit the losses.
    """
    found: dict[str, tuple[Any, metrics.Metric]] = {}
    names = []
    for part, is_weighted in ((given, False), (weighted, True)):
        for output, metric in _by_output(part, loss, "weighted_metrics" if is_weighted else "metrics"):
            prefix = f"{output}_" if isinstance(output, str) else ""
            name = prefix + metric.name
            if is_weighted and name in found:
                name = f"{prefix}weighted_{metric.name}"
            count = 1
            base = name
            while name in found or name == "loss":
                name, count = f"{base}_{count}", count + 1
            found[name] = (output, metric)
            if is_weighted:
                names.append(name)
    return found, frozenset(names)


def _by_output(part: Any, loss: Any, argument: str) -> list[tuple[Any, metrics.Metric]]:
    """Return pairs of an output (None where there is one only) and a metric."""
    if part is None:
        return []
    if isinstance(part, Mapping):
        return [(key, metric) for key, each in part.items() for metric in _several(each)]
    if not isinstance(part, list | tuple):
        part = [part]
    nested = any(isinstance(each, list | tuple) for each in part)
    if not part or not (nested or isinstance(loss, list | dict)):
        return [(None, _metric(each)) for each in part]
    # As Keras does: an entry per output, in the order of the names if outputs have some.
    outputs: Sequence[Any] = sorted(loss) if isinstance(loss, dict) else range(len(loss or part))
    if isinstance(loss, list | dict) and len(part) != len(outputs):
        raise ArgumentError(
            f"{argument} has {len(part)} entries for the outputs {_names(loss)}. Give a list of metrics for each, "
            f"or a dict by output: {argument}={{…: ['accuracy']}}."
        )
    return [(key, metric) for key, each in zip(outputs, part, strict=False) for metric in _several(each)]


def _several(part: Any) -> list[metrics.Metric]:
    if part is None:
        return []
    return [_metric(each) for each in (part if isinstance(part, list | tuple) else [part])]


def _metric(identifier: Any) -> metrics.Metric:
    if isinstance(identifier, str) and identifier.lower() in ("accuracy", "acc"):
        return metrics.AutomaticAccuracy(name=identifier)
    return metrics.get(identifier)


def _names(outputs: Any) -> str:
    return ", ".join(map(repr, outputs if isinstance(outputs, Mapping) else range(len(outputs))))


def total_loss(compilation: Compilation, y: Any, y_pred: Any, sample_weight: Any) -> Tensor:
    """Return the weighted sum of the losses of all outputs; one loss alone is that of each output, as in Keras."""
    loss, weights = compilation.loss, compilation.loss_weights
    if loss is None:
        raise StateError("The model was compiled without a loss. Give compile(loss=…), or override compute_loss().")
    if y is None:
        raise ArgumentError("The loss needs targets, but the data has none. Pass y, or yield (x, y) pairs.")
    if isinstance(y_pred, Tensor) and not isinstance(loss, list | dict):
        value: Tensor = loss(y, y_pred, sample_weight)
        return value if weights is None else value * weights
    keys = _check_outputs(loss, y_pred)
    total: Tensor | None = None
    for key in keys:
        each = loss[key] if isinstance(loss, list | dict) else loss
        if each is None:
            continue
        value = each(output_of(y, key, "y"), y_pred[key], sample_weight)
        if weights is not None:
            value = value * (weights if isinstance(weights, float) else weights[key])
        total = value if total is None else ops.add(total, value)
    if total is None:
        raise ArgumentError("compile() got no loss for any output.")
    return total


def _check_outputs(loss: Any, y_pred: Any) -> list[Any]:
    """Return the keys of the outputs that have losses.

    Raises:
        ArgumentError: if the losses are not those of the model's outputs.
    """
    if isinstance(y_pred, Tensor):
        raise ArgumentError(f"compile() got losses for outputs {_names(loss)}; the model returns one. Give one loss.")
    form = dict if isinstance(y_pred, Mapping) else list
    outputs = list(y_pred) if form is dict else list(range(len(y_pred)))
    if not isinstance(loss, list | dict):
        return outputs
    if not isinstance(loss, form) or not set(loss if form is dict else range(len(loss))) <= set(outputs):
        raise ArgumentError(
            f"compile() got losses for outputs {_names(loss)}, but the model returns a {type(y_pred).__name__} of "
            f"{_names(y_pred)}. Give a {form.__name__} with a loss (or None) for each."
        )
    if form is list and len(loss) != len(outputs):
        raise ArgumentError(
            f"compile() got {len(loss)} losses in a list, but the model returns {len(outputs)} outputs. Give one for "
            "each; None for an output without a loss."
        )
    return list(loss) if form is dict else outputs


def output_of(tree: Any, key: Any, what: str) -> Any:
    """Return what belongs to one output in a list or dict.

    Raises:
        ArgumentError: if it is not there.
    """
    if isinstance(tree, Tensor) or not isinstance(tree, Mapping | list | tuple):
        raise ArgumentError(f"{what} must be a list or dict with an entry for each output, to have one for {key!r}.")
    try:
        return tree[key]
    except (KeyError, IndexError, TypeError):
        raise ArgumentError(
            f"{what} has no entry for the output {key!r} that compile() names; it has {_names(tree)}."
        ) from None
