"""Every deliberate error of unifw.

A message says what happened with the values, why, and what to write instead::

    UnifwError
    ├── BackendError                       finding, loading or mixing backends
    │   ├── UnknownBackendError            no installed or known backend has this name
    │   ├── BackendNotInstalledError       known, but its framework is missing: says the pip command
    │   ├── BackendBrokenError             installed, but loading it failed (cause chained) or gave no backend
    │   ├── BackendConflictError           two distributions claim one name
    │   ├── BackendVersionError            built for another version of the interface
    │   └── MixedBackendsError             tensors of two backends in one call
    ├── UnsupportedError                   this backend says it cannot; names those that can
    ├── DeviceError                        no such device here; lists those that are
    ├── ShapeError (ValueError)            shapes that do not fit
    ├── BoundsError (IndexError)           an index outside its axis, a mask of another shape
    │   └── AxisError                      an axis that is not there: a ShapeError too, as NumPy's is both
    ├── DTypeError (TypeError)             dtypes that do not fit
    │   └── ImplicitConversionError        strict mode: a conversion that the code does not state
    ├── ArgumentError (ValueError)         any other bad argument
    ├── TransformError                     misuse of grad, jit, …
    ├── StateError                         a layer used before it was built, a state tree that does not fit
    ├── CheckpointError                    a file that is damaged, or not ours
    └── ProfileError                       the profiler cannot start with what it was given
"""

from __future__ import annotations


class UnifwError(Exception):
    """The root: `except unifw.errors.UnifwError` catches every deliberate error of this package."""


class BackendError(UnifwError):
    """A backend could not be found, loaded or combined."""


class UnknownBackendError(BackendError):
    """No installed or known backend has this name."""


class BackendNotInstalledError(BackendError):
    """The backend is known, but the framework it drives is not installed."""


class BackendBrokenError(BackendError):
    """The backend is installed, but loading it failed (the cause is chained), or gave no backend of that name."""


class BackendConflictError(BackendError):
    """Two installed distributions claim one backend name."""


class BackendVersionError(BackendError):
    """The backend was built for another version of the interface."""


class MixedBackendsError(BackendError, TypeError):
    """Tensors of two backends met in one call."""


class UnsupportedError(UnifwError):
    """The backend declares that it cannot do this."""


class DeviceError(UnifwError, ValueError):
    """The device does not exist here."""


class ShapeError(UnifwError, ValueError):
    """Shapes do not fit together, or not with the arguments."""


class BoundsError(UnifwError, IndexError):
    """An index lies outside its axis, there are more of them than axes, or a mask has another shape."""


class AxisError(ShapeError, BoundsError):
    """A tensor has no such axis."""


class DTypeError(UnifwError, TypeError):
    """Data types do not fit together, or not with the function."""


class ImplicitConversionError(DTypeError):
    """In strict mode (`unifw.config.strict`): a conversion that frameworks do not agree on, or that loses precision."""


class ArgumentError(UnifwError, ValueError):
    """An argument has a value the function cannot take."""


class TransformError(UnifwError):
    """A function given to `grad`, `jit`, … broke the transform's rules."""


class StateError(UnifwError):
    """A layer or a state tree is not in the condition the call needs."""


class CheckpointError(UnifwError):
    """A saved file is damaged, incomplete, or not one of ours; or a file cannot be written."""


class ProfileError(UnifwError):
    """The profiler cannot start with what it was given."""
