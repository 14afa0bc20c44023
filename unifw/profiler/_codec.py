"""Reports as versioned JSON, and back. Frozen dataclasses define the format; this file only walks them."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import types
import typing
from pathlib import Path
from typing import Any

from unifw.errors import ProfileError
from unifw.profiler._results import SCHEMA_VERSION, Report


def to_json(report: Report) -> str:
    """Return the report as JSON text: `schema` says which version of the format it is."""
    return json.dumps(dataclasses.asdict(report), indent=1, allow_nan=False, sort_keys=True)


def from_json(text: str) -> Report:
    """Return the report that `to_json` wrote.

    Raises:
        ProfileError: if it is not JSON, not a report, or of another schema version.
    """
    try:
        content = json.loads(text)
        schema = content["schema"]
    except (ValueError, KeyError, TypeError) as error:
        raise ProfileError(
            f"This is not a report of unifw profile: {error}. Write one with `unifw profile FILE --json`."
        ) from error
    if schema != SCHEMA_VERSION:
        raise ProfileError(
            f"The report has schema version {schema}; this unifw reads version {SCHEMA_VERSION}. "
            "Profile again, or read it with the version of unifw that wrote it."
        )
    try:
        return typing.cast("Report", decode(Report, content))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ProfileError(f"The report is damaged: {type(error).__name__}: {error}.") from error


def save_report(report: Report, path: str | Path) -> None:
    """Write the report to a JSON file; a half-written file never carries the name.

    Raises:
        ProfileError: if it cannot be written there.
    """
    _write(to_json(report) + "\n", Path(path), keep=True)


def check_writable(path: str | Path) -> None:
    """Try to write where a report shall go, before anything is measured for it; an older report there stays.

    Raises:
        ProfileError: if nothing can be written there.
    """
    _write("", Path(path), keep=False)


def _write(text: str, target: Path, *, keep: bool) -> None:
    if target.is_dir():
        raise ProfileError(f"The report cannot be written to {str(target)!r}: it is a directory. Write a file's name.")
    draft = target.with_name(f".{target.name}.part")
    try:
        draft.write_text(text, encoding="utf-8")
        if keep:
            draft.replace(target)
        else:
            draft.unlink()
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise ProfileError(
            f"The report cannot be written to {str(target)!r}: {error.strerror or error}. "
            "Name a file in a directory that exists, that you may write to, and that has room."
        ) from error


def load_report(path: str | Path) -> Report:
    """Read a report that `save_report` or `unifw profile --json` wrote."""
    return from_json(Path(path).read_text(encoding="utf-8"))


def decode(kind: Any, value: Any) -> Any:
    """Return `value`, as `json.loads` gave it, as an instance of the annotation `kind`."""
    if dataclasses.is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        given = {item.name: item for item in dataclasses.fields(kind) if item.name in value}
        return typing.cast("Any", kind)(**{name: decode(hints[name], value[name]) for name in given})
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        inner = next(each for each in arguments if each is not type(None))
        return None if value is None else decode(inner, value)
    if origin is tuple:
        return tuple(decode(arguments[0], item) for item in value)
    if origin is dict:
        return {str(key): decode(arguments[1], item) for key, item in value.items()}
    return float(value) if kind is float else value
