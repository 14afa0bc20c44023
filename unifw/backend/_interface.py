"""The backend interface: what a plug-in implements, and all it may know of unifw.

Four blocks, in this order:

1. **identity**: who the backend is and what it can do, as data.
2. **required**: `xp`, conversion, devices, synchronisation. A library with an Array-API namespace needs little more.
3. **answer each**: transforms and measurements. Implement each, or write ``vmap = unsupported("reason")``. They are
   abstract, so that silence is impossible.
4. **composites** (the base classes): everything above the Array API, with defaults over `xp`. Override one only for
   speed; the conformance kit compares every override with the default it replaces.

"Array" here is always the *native* array of the framework: `torch.Tensor`, `jax.Array`, `numpy.ndarray`, … or the
tracer that stands for one. Users see `unifw.Tensor`, which holds such an array and its backend; a plug-in never does.
"""

from __future__ import annotations

import abc
from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar, Final, TypeAlias

import numpy as np

from unifw import dtypes
from unifw.backend._capabilities import DEFAULT_TOLERANCES, Capabilities, Tolerance
from unifw.backend._composites import (
    Activations,
    Attention,
    Convolution,
    Gradients,
    Indexing,
    Losses,
    Normalization,
    Optimizers,
    Random,
    Special,
)

INTERFACE_VERSION: Final = 1

Array: TypeAlias = Any
# A function as transforms see it: from arrays, and the backend that owns them, to …
LossFunction: TypeAlias = "Callable[[list[Array], Backend], tuple[Array, list[Array]]]"
ArrayFunction: TypeAlias = "Callable[[list[Array], Backend], tuple[list[Array], Hashable]]"
CompiledFunction: TypeAlias = Callable[[list[Array]], tuple[list[Array], Hashable]]
ListFunction: TypeAlias = "Callable[[list[Array], Backend], list[Array]]"
PairFunction: TypeAlias = "Callable[[list[Array], Backend], tuple[list[Array], list[Array]]]"
ConditionFunction: TypeAlias = "Callable[[list[Array], Backend], Array]"
ScanFunction: TypeAlias = "Callable[[list[Array], list[Array], Backend], tuple[list[Array], list[Array]]]"
BackwardFunction: TypeAlias = "Callable[[list[Array], list[Array], Backend], list[Array | None]]"
Pullback: TypeAlias = Callable[[list[Array]], list[Array]]


class Backend(
    Activations,
    Special,
    Attention,
    Convolution,
    Gradients,
    Indexing,
    Normalization,
    Losses,
    Optimizers,
    Random,
    abc.ABC,
):
    """One framework, behind the interface. Instances are created once per process, by the registry."""

    # --- 1. identity ---------------------------------------------------------------------------------------------

    name: ClassVar[str]
    """The name users write: "torch", "jax", …"""

    interface_version: ClassVar[int] = INTERFACE_VERSION
    """The version of this interface the plug-in was written for: a plug-in states the number, e.g. ``= 1``."""

    capabilities: Capabilities
    """What the backend can do."""

    tolerances: Mapping[dtypes.DType, Tolerance] = DEFAULT_TOLERANCES
    """How exact its results are, per dtype."""

    known_failures: ClassVar[Mapping[str, str]] = {}
    """Conformance tests that fail, by test id, each with the reason and an upstream link. A pass is an error."""

    @abc.abstractmethod
    def versions(self) -> dict[str, str]:
        """Return the versions that matter for results and speed, the framework's first: ``{"jax": "0.10.2", …}``."""

    # --- 2. required ---------------------------------------------------------------------------------------------

    xp: Any
    """An Array-API-shaped namespace over native arrays, unchecked and fast.

    Elementwise functions are only ever called with operands of one dtype (promotion has happened in front), of which
    all but one may be Python scalars whose kind fits that dtype. Shapes broadcast. `axis` may be negative. Dtype
    arguments are native (`native_dtype`). Arrays of the backend index with ``array[key]`` for integers, slices within
    bounds and with positive steps, `...` and `None`; a key has an entry for each axis, or a `...` for the rest. Keys
    with fewer entries, and slices that end beyond their axis, are tried too: they mean what they mean in Python, and a
    namespace that does not take them raises, whatever it likes.

    Two extensions, for `unifw.linalg` and `unifw.fft`; a namespace without them makes a backend that says so.

    `xp.linalg` has ``cholesky(x)`` (the lower triangle), ``det(x)``, ``eig(x)`` and ``eigvals(x)`` (complex),
    ``eigh(x)``, ``eigvalsh(x)``, ``inv(x)``, ``pinv(x, rtol=)`` (an array, of the stack's axes or none),
    ``qr(x, mode=)`` (m >= n), ``slogdet(x)``, ``solve(x1, x2)`` (as many axes in both, stacks broadcast),
    ``svd(x, full_matrices=)``, ``svdvals(x)``. Arrays are not empty, and float32, float64, complex64 or complex128;
    those given to functions of eigenvalues and singular values are finite, those to ``eigh``, ``eigvalsh`` and
    ``cholesky`` equal their adjoint. What cannot be factorised or inverted gives values that are not finite, in its
    place, and raises nothing.

    `xp.fft` has ``fftn``, ``ifftn``, ``rfftn`` and ``irfftn``, as ``(x, s=, axes=, norm=)`` with a size for each axis
    and axes not negative. Arrays are complex, for ``rfftn`` real, and not empty.
    """

    @abc.abstractmethod
    def is_array(self, value: object) -> bool:
        """Return whether `value` is an array of this framework, or one of its tracers."""

    @abc.abstractmethod
    def asarray(self, value: Any, *, dtype: dtypes.DType | None = None, device: str | None = None) -> Array:
        """Return `value` as a native array: a native array, NumPy array, Python scalar, range or nested list.

        Without a dtype, arrays keep theirs, and Python scalars get the defaults of `unifw.dtypes` (bool, int64,
        float32, complex64). A native array enters as it is, so copy what will be overwritten (`copy`); a NumPy array is
        copied if another framework's array would otherwise share its memory.
        `device` None means the device a native array is on, else the backend's first.
        """

    def from_dlpack(self, array: Any) -> Array:
        """Return an array of another library that speaks DLPack, sharing its memory where this framework can."""
        return self.asarray(np.from_dlpack(array))

    @abc.abstractmethod
    def to_numpy(self, array: Array) -> np.ndarray[Any, Any]:
        """Return the array on the host, read-only or a copy; waits for it. bfloat16 comes as `ml_dtypes.bfloat16`."""

    @abc.abstractmethod
    def shape_of(self, array: Array) -> tuple[int, ...]:
        """Return the shape as a tuple of Python integers."""

    @abc.abstractmethod
    def dtype_of(self, array: Array) -> dtypes.DType:
        """Return the dtype as one of `unifw.dtypes`."""

    @abc.abstractmethod
    def native_dtype(self, dtype: dtypes.DType) -> Any:
        """Return the framework's dtype."""

    @abc.abstractmethod
    def astype(self, array: Array, dtype: dtypes.DType) -> Array:
        """Convert; differentiable between floating-point dtypes; the same array if the dtype is already right.

        Floating-point numbers become integers toward zero; those beyond the dtype become its nearest limit, NaN 0, as
        in XLA. Integers wrap around.
        """

    @abc.abstractmethod
    def stop_gradient(self, array: Array) -> Array:
        """Return the array as a constant to differentiation."""

    @abc.abstractmethod
    def copy(self, array: Array) -> Array:
        """Return an array with the same values in memory of its own."""

    @abc.abstractmethod
    def devices(self) -> tuple[str, ...]:
        """Return the devices present, the default first: ``("cuda:0", "cpu")``."""

    @abc.abstractmethod
    def device_of(self, array: Array) -> str:
        """Return the device an array is on, as `devices` names it."""

    @abc.abstractmethod
    def to_device(self, array: Array, device: str) -> Array:
        """Return the array on a device of `devices`."""

    @abc.abstractmethod
    def synchronize(self, arrays: Sequence[Array]) -> None:
        """Return when the values of all arrays exist (a no-op where dispatch is synchronous)."""

    @abc.abstractmethod
    def set_threads(self, count: int) -> None:
        """Limit the framework to `count` CPU threads, as far as it can once imported; the profiler verifies it."""

    @cached_property
    def boolean(self) -> Any:
        """The framework's boolean dtype."""
        return self.native_dtype(dtypes.bool)

    @cached_property
    def own_get_slice(self) -> Callable[[Array, Any], Array] | None:
        """The override of `get_slice`, if there is one: the default is ``x[key]``, quicker without a call."""
        return None if type(self).get_slice is Backend.get_slice else self.get_slice

    @cached_property
    def bound(self) -> defaultdict[str, dict[Any, Callable[..., Array]]]:
        """Functions the tensor layer found fit for operands of one native dtype: its cache, kept here, filled there."""
        return defaultdict(dict)

    def function_for(self, name: str, dtype: Any) -> Callable[..., Array]:
        """Return the function of `xp` to call where all operands are arrays of one native dtype, for speed.

        The tensor layer asks once per function and dtype, and keeps it (`bound`). An override leaves out what the
        namespace's function does for scalars and for other dtypes; a reduction is not asked to reduce no axes (`()`).
        """
        del dtype
        return getattr(self.xp, name)  # type: ignore[no-any-return]

    def lift(self, array: Array, owner: Backend) -> Array | None:
        """Return an array of another backend as a constant of this one, or None if this backend does not decorate it.

        Decorator backends (the gradient tape, the abstract backend) accept the arrays of the backend they wrap, so
        that a model's constants meet traced values; ordinary backends lift nothing.
        """
        del array, owner
        return None

    # --- 3. answer each ------------------------------------------------------------------------------------------

    @abc.abstractmethod
    def value_and_grad(self, function: LossFunction, arrays: Sequence[Array]) -> tuple[Array, list[Array], list[Array]]:
        """Differentiate a scalar function at `arrays`, running it once.

        Args:
            function: called once as ``function(traced, backend)``, where `backend` owns the traced arrays (this one,
                or a decorator around it); returns the scalar value and a list of auxiliary arrays.
            arrays: floating-point arrays.

        Returns:
            The value, the auxiliary arrays, and one gradient per array (zeros where the value does not depend on
            it). Can be nested: a call inside `function` differentiates again.
        """

    @abc.abstractmethod
    def vjp(self, function: PairFunction, arrays: Sequence[Array]) -> tuple[list[Array], list[Array], Pullback]:
        """Differentiate a function with several results backwards (reverse mode), running it once.

        Args:
            function: called as ``function(traced, backend)``, as for `value_and_grad`; returns floating-point outputs
                and a list of auxiliary arrays.
            arrays: floating-point arrays.

        Returns:
            The outputs, the auxiliary arrays, and the pullback: from one cotangent per output, of its shape and dtype,
            to one gradient per array. It may be called again, under `vmap`, and under an enclosing differentiation.
        """

    @abc.abstractmethod
    def jvp(
        self, function: PairFunction, arrays: Sequence[Array], tangents: Sequence[Array]
    ) -> tuple[list[Array], list[Array], list[Array]]:
        """Differentiate a function in the direction of `tangents` (forward mode).

        Args:
            function: as for `vjp`.
            arrays: floating-point arrays.
            tangents: one per array, of its shape and dtype.

        Returns:
            The outputs, the auxiliary arrays, and one tangent per output. Can be nested with itself and `vjp`.
        """

    @abc.abstractmethod
    def vmap(
        self, function: ListFunction, arrays: Sequence[Array], axes: Sequence[int | None], size: int
    ) -> list[Array]:
        """Apply a function to each slice of arrays, all at once.

        Args:
            function: called as ``function(slices, backend)``; returns arrays.
            arrays: any arrays.
            axes: per array the axis to slice (at least 0), or None for an array that all applications share; at
                least one is not None.
            size: the size of these axes.

        Returns:
            The results of all slices, stacked along a new first axis (of that size also for a result that is the
            same for all).
        """

    @abc.abstractmethod
    def cond(
        self, predicate: Array, true_function: ListFunction, false_function: ListFunction, arrays: Sequence[Array]
    ) -> list[Array]:
        """Return the results of one of two functions at `arrays`, chosen by a boolean scalar.

        Both return arrays of the same shapes and dtypes. Where the predicate's value is not known while tracing and
        the framework has no branches, both may run and `where` selects.
        """

    @abc.abstractmethod
    def while_loop(self, condition: ConditionFunction, body: ListFunction, arrays: Sequence[Array]) -> list[Array]:
        """Apply `body` to `arrays` while `condition`, a boolean scalar, holds; shapes and dtypes stay the same."""

    @abc.abstractmethod
    def scan(
        self, function: ScanFunction, carry: Sequence[Array], xs: Sequence[Array], length: int, reverse: bool
    ) -> tuple[list[Array], list[Array]]:
        """Apply a function to the rows of arrays in turn, carrying state; differentiable as often as `vjp` is.

        Args:
            function: called as ``function(carry, rows, backend)``; returns the next carry (same shapes and dtypes)
                and what to collect.
            carry: the state before the first step.
            xs: arrays with a first axis of size `length`, maybe none.
            length: number of steps, maybe 0.
            reverse: from the last row to the first; what is collected stands at the place of its row all the same.

        Returns:
            The last carry, and what was collected, stacked along a new first axis.
        """

    @abc.abstractmethod
    def checkpoint(self, function: ListFunction, arrays: Sequence[Array]) -> list[Array]:
        """Run a function; when it is differentiated, compute its intermediate values again instead of keeping them.

        Values and gradients are those of the function. A backend that cannot trade time for memory just runs it.
        """

    @abc.abstractmethod
    def custom_vjp(
        self, function: ListFunction, forward: PairFunction, backward: BackwardFunction, arrays: Sequence[Array]
    ) -> list[Array]:
        """Run a function whose reverse-mode derivative is given.

        Args:
            function: called as ``function(arrays, backend)`` where nothing is differentiated.
            forward: called instead where something is; returns the same outputs, and residuals for `backward`.
            backward: called as ``backward(residuals, cotangents, backend)``; returns one gradient per array, None for
                zero. Differentiating twice differentiates `forward` and `backward`.
            arrays: any arrays; those that are not floating-point have no gradient.
        """

    @abc.abstractmethod
    def jit(self, function: ArrayFunction, *, donate: Sequence[int] = ()) -> CompiledFunction:
        """Compile a pure function of arrays: traced by running it once per combination of shapes and dtypes.

        Args:
            function: called as ``function(arrays, backend)``; returns a list of arrays and a static value.
            donate: indices of arrays the caller gives up: their memory may hold results afterwards. Other arrays that
                share it (slices, or what the array is a slice of) keep their values.

        Returns:
            A function from arrays to the list of arrays and the static value that belongs to their shapes.
        """

    @abc.abstractmethod
    def memory_stats(self, device: str) -> dict[str, int]:
        """Return the allocator's figures in bytes: at least ``{"peak": …, "current": …}``."""

    @abc.abstractmethod
    def reset_memory_stats(self, device: str) -> None:
        """Set the allocator's peak to what is allocated now."""

    def peak_memory(self, function: Callable[[], object], device: str) -> int:
        """Run a function; return the most bytes that arrays it made, temporaries included, held at once.

        What existed before does not count, so the function makes what it needs and frees nothing older.
        The default asks the allocator. Override it where the framework
        has a better answer, and raise `UnsupportedError` where a figure would be too small or of something else.
        """
        self.reset_memory_stats(device)
        before = self.memory_stats(device)["current"]
        function()
        return self.memory_stats(device)["peak"] - before
