"""Files: one safetensors file that holds everything, and loads without executing anything."""

from __future__ import annotations

import contextlib
import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from unifw import dtypes
from unifw.backend import Backend, current_backend, get_backend, use_backend
from unifw.errors import ArgumentError, CheckpointError, StateError
from unifw.layers import set_state
from unifw.saving import deserialize, serialize
from unifw.tensor import asarray

if TYPE_CHECKING:
    from unifw.models._model import Model

FORMAT: Final = "unifw"
VERSION: Final = 1

Arrays = dict[str, np.ndarray[Any, Any]]


def save(model: Model, path: Path, *, overwrite: bool) -> None:
    """See `Model.save`."""
    if not model.built:
        raise StateError(
            f"{model.name} is not built, so there is nothing to save. Call it, or build(input_shape), first."
        )
    arrays = _variables(model)
    description: dict[str, Any] = {
        "model": model,
        "input": model.input_spec,
        "trainable": {path: variable.trainable for path, variable in model.variables_by_path().items()},
        "compilation": None,
    }
    if model.training_key is not None:
        arrays["training_key"] = model.training_key
    if model.root_key is not None:
        arrays["root_key"] = model.root_key
    if model.compilation is not None:
        compilation = model.compilation
        compilation.optimizer.locate(model.variables_by_path())
        description["compilation"] = {
            "optimizer": compilation.optimizer,
            "excluded": list(compilation.optimizer.excluded_words),
            "excluded_paths": sorted(compilation.optimizer.excluded_paths),
            "loss": compilation.loss,
            "loss_weights": compilation.loss_weights,
            "metrics": [[name, key, metric] for name, (key, metric) in compilation.metrics.items()],
            "weighted_metrics": sorted(compilation.weighted_metrics),
            "compile": compilation.mode,
        }
        arrays |= _optimizer_arrays(compilation.optimizer.state)
    # One description of everything: what is shared between its parts, or goes by one name, is noticed.
    _write(path, arrays, serialize(description), overwrite=overwrite)


def save_weights(model: Model, path: Path, *, overwrite: bool) -> None:
    """See `Model.save_weights`."""
    if not model.built:
        raise StateError(f"{model.name} is not built, so it has no variables to save.")
    _write(path, _variables(model), {"model": None}, overwrite=overwrite)


def load_weights(model: Model, path: Path) -> None:
    """See `Model.load_weights`."""
    arrays, _ = _read(path)
    set_state(model, _part(arrays, "variables/"))


def load(
    path: str | Path,
    backend: str | Backend | None = None,
    custom_objects: Mapping[str, Any] | None = None,
    compile: bool = True,
) -> Model:
    """Return the model that `Model.save` wrote, on any backend, ready to continue training.

    Args:
        path: the file.
        backend: where the model shall live; the current backend by default.
        custom_objects: classes and functions by name, beside those of `uf.saving.register_serializable`.
        compile: whether to restore what `compile` fixed, and the optimizer's state.

    Raises:
        CheckpointError: if the file is damaged, not one of ours, or names what nobody registered.

    >>> import os, tempfile
    >>> import unifw as uf
    >>> model = uf.Sequential([uf.Input((4,)), uf.layers.Dense(2)])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     model.save(os.path.join(folder, "model.safetensors"))
    ...     again = uf.load(os.path.join(folder, "model.safetensors"), backend="numpy")
    >>> again.backend.name, again.count_params()
    ('numpy', 10)
    """
    if not isinstance(path, (str, os.PathLike)):
        raise ArgumentError(f"load() got the path {path!r}. Write the name of a file that Model.save wrote.")
    arrays, description = _read(Path(path))
    if description.get("model") is None:
        raise CheckpointError(
            f"{path} holds variables only. Make the model, and write model.load_weights({str(path)!r})."
        )
    target = current_backend() if backend is None else get_backend(backend) if isinstance(backend, str) else backend
    with use_backend(target):
        model = _rebuilt(description, custom_objects, str(path))
        set_state(model, _part(arrays, "variables/"))
        for name, variable in model.variables_by_path().items():
            variable.trainable = bool(description["trainable"].get(name, variable.trainable))
        model.training_key = arrays.get("training_key")
        model.root_key = arrays.get("root_key", model.root_key)
        if compile and description["compilation"] is not None:
            _recompile(model, deserialize(description["compilation"], custom_objects, within=description))
            model.training_key = arrays.get("training_key")
            model.optimizer.state = _optimizer_state(arrays, target)
    return model


def _rebuilt(description: dict[str, Any], custom_objects: Mapping[str, Any] | None, path: str) -> Model:
    from unifw.models._model import Model

    try:
        model = deserialize(description["model"], custom_objects, within=description)
    except (TypeError, KeyError) as error:
        raise CheckpointError(
            f"{path} describes a model that cannot be made: {type(error).__name__}: {error}. "
            "Was its class changed since?"
        ) from error
    if not isinstance(model, Model):
        raise CheckpointError(f"{path} describes a {type(model).__name__}, which is not a Model.")
    if not model.built:
        spec = deserialize(description["input"])
        if spec is None:
            raise CheckpointError(
                f"{path} does not say for which inputs {model.name} was built. Build models with data or build(shape)."
            )
        model.build(spec)
    return model


def _recompile(model: Model, saved: dict[str, Any]) -> None:
    """Compile a model as the deserialized description says."""
    optimizer = saved["optimizer"]
    own = model.variables_by_path()
    excluded = [own[path] for path in saved.get("excluded_paths", ()) if path in own]
    optimizer.exclude_from_weight_decay(excluded, saved["excluded"])
    model.compile(optimizer, saved["loss"], saved["loss_weights"], compile=saved["compile"])
    compilation = model.require_compilation()
    compilation.metrics = {name: (key, metric) for name, key, metric in saved["metrics"]}
    compilation.weighted_metrics = frozenset(saved["weighted_metrics"])


# --- trees as flat arrays ---------------------------------------------------------------------------------------------


def _variables(model: Model) -> Arrays:
    return {f"variables/{path}": variable.numpy() for path, variable in model.variables_by_path().items()}


def _part(arrays: Arrays, prefix: str) -> Arrays:
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}


def _optimizer_arrays(state: Mapping[str, Any] | None) -> Arrays:
    if state is None:
        return {}
    arrays = {f"optimizer/{name}": np.asarray(state[name]) for name in ("step", "learning_rate")}
    for slot, values in state["slots"].items():
        for path, tensor in values.items():
            arrays[f"optimizer/slots/{slot}/{path}"] = np.asarray(tensor)
    return arrays


def _optimizer_state(arrays: Arrays, backend: Backend) -> dict[str, Any] | None:
    if "optimizer/step" not in arrays:
        return None
    slots: dict[str, dict[str, Any]] = {}
    for name, array in _part(arrays, "optimizer/slots/").items():
        slot, _, path = name.partition("/")
        slots.setdefault(slot, {})[path] = asarray(array, backend=backend)
    return {
        "step": asarray(arrays["optimizer/step"], backend=backend),
        "learning_rate": asarray(arrays["optimizer/learning_rate"], backend=backend),
        "slots": slots,
    }


# --- bytes ------------------------------------------------------------------------------------------------------------


def _write(path: Path, arrays: Arrays, description: dict[str, Any], *, overwrite: bool) -> None:
    """Write a file that appears complete or not at all: a temporary one, flushed to disk, takes its name."""
    from safetensors.numpy import save as to_bytes

    if path.is_dir():
        raise CheckpointError(f"{path} is a folder. Name a file in it, such as {str(path / 'model.safetensors')!r}.")
    if path.exists() and not overwrite:
        raise CheckpointError(f"{path} exists. Choose another name, or overwrite=True.")
    mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else None
    # safetensors' NumPy side does not know bfloat16: its bits go as uint16, and the description says so.
    halves = sorted(name for name, array in arrays.items() if array.dtype == dtypes.bfloat16)
    stored = {
        name: np.array(array.view(np.uint16) if name in halves else array, order="C") for name, array in arrays.items()
    }
    text = json.dumps({**description, "bfloat16": halves}, sort_keys=True)
    metadata = {"format": FORMAT, "version": str(VERSION), "description": text, "sha256": _digest(stored, text)}
    data = to_bytes(stored, metadata=metadata)
    folder = path.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CheckpointError(f"The folder {folder} of {path.name} cannot be made: {error}.") from error
    temporary = folder / f".{path.name}.{os.urandom(8).hex()}.partial"
    try:
        with temporary.open("xb") as file:  # with the permissions that any new file gets, as mkstemp's would not have
            if mode is not None:
                temporary.chmod(mode)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        _discard(temporary)
        raise CheckpointError(f"{path} cannot be written: {error.strerror or error}. Choose another place.") from error
    except BaseException:
        _discard(temporary)
        raise
    _flush_folder(folder)


def _discard(temporary: Path) -> None:
    with contextlib.suppress(OSError):  # on a full or vanished disk, the first error is the one to tell
        temporary.unlink(missing_ok=True)


def _flush_folder(folder: Path) -> None:
    """Make the new name durable too, where the system lets a folder be opened."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read(path: Path) -> tuple[Arrays, dict[str, Any]]:
    """Return the arrays and the description of a file, checked."""
    from safetensors import SafetensorError
    from safetensors.numpy import load as from_bytes

    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise CheckpointError(f"There is no file {path}.") from None
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read: {error}.") from error
    try:
        arrays = from_bytes(data)
        header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
        metadata = header.get("__metadata__", {})
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise CheckpointError(f"{path} is damaged, or not a safetensors file: {error}.") from error
    if metadata.get("format") != FORMAT:
        raise CheckpointError(
            f"{path} is a safetensors file, but not one that unifw's Model.save wrote. Set variables from it with "
            "unifw.set_state(model, …)."
        )
    if int(metadata.get("version", "0")) > VERSION:
        raise CheckpointError(
            f"{path} has format version {metadata['version']}; this unifw reads up to {VERSION}. Upgrade unifw."
        )
    if metadata.get("sha256") != _digest(arrays, metadata.get("description", "")):
        raise CheckpointError(f"{path} is damaged: its checksum does not match its content. Use another copy.")
    description: dict[str, Any] = json.loads(metadata["description"])
    for name in description["bfloat16"]:
        arrays[name] = arrays[name].view(dtypes.bfloat16)
    return arrays, description


def _digest(arrays: Arrays, text: str) -> str:
    import hashlib  # here, because it loads OpenSSL

    digest = hashlib.sha256(text.encode())
    for name in sorted(arrays):
        array = arrays[name]
        digest.update(f"{name}:{array.dtype.str}:{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
