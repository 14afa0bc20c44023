"""What this namespace can do: the inspection part of the Array API standard."""

from __future__ import annotations

from typing import Any, Final, final

from unifw import dtypes as all_dtypes
from unifw.backend import current_backend, current_device
from unifw.tensor._dtypes import isdtype


@final
class NamespaceInfo:
    """Answers about the current backend; see `__array_namespace_info__`."""

    def capabilities(self) -> dict[str, Any]:
        """Return what is optional in the standard and present here.

        Boolean indexing and data-dependent shapes exist, but not inside `jit`; there is no limit of the number of axes
        of our own, and the frameworks' differ: 64 is NumPy's.
        """
        return {"boolean indexing": True, "data-dependent shapes": True, "max dimensions": 64}

    def default_device(self) -> str:
        """Return where new tensors go."""
        backend = current_backend()
        return current_device(backend) or backend.devices()[0]

    def default_dtypes(self, *, device: str | None = None) -> dict[str, all_dtypes.DType]:
        """Return the dtypes of Python scalars, and of indices; the same on every backend and device."""
        del device
        return {
            "real floating": all_dtypes.DEFAULT_FLOAT,
            "complex floating": all_dtypes.DEFAULT_COMPLEX,
            "integral": all_dtypes.DEFAULT_INTEGER,
            "indexing": all_dtypes.int64,
        }

    def dtypes(self, *, device: str | None = None, kind: Any = None) -> dict[str, all_dtypes.DType]:
        """Return the dtypes by name, of one kind (`unifw.isdtype`) or all; those of the current backend.

        float16 and bfloat16, which the standard does not know, are not among them.
        """
        del device
        standard = [
            each
            for each in all_dtypes.ALL
            if each in current_backend().capabilities.dtypes and each not in _BEYOND_THE_STANDARD
        ]
        return {each.name: each for each in standard if kind is None or isdtype(each, kind)}

    def devices(self) -> tuple[str, ...]:
        """Return the devices of the current backend."""
        return current_backend().devices()


_BEYOND_THE_STANDARD: Final = (all_dtypes.float16, all_dtypes.bfloat16)


def __array_namespace_info__() -> NamespaceInfo:  # noqa: N807 - the standard's name
    """Return the object that answers what this namespace can do.

    >>> import unifw as uf
    >>> uf.__array_namespace_info__().default_dtypes()["real floating"]
    dtype('float32')
    """
    return NamespaceInfo()
