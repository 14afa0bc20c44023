"""Peak memory, from what XLA planned: JAX's allocator has no figures on the CPU, and no peak to reset elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, final

import jax

from unifw.backend import Array
from unifw.errors import UnsupportedError


@final
class _Watch:
    def __init__(self) -> None:
        self.older = {id(array): array for array in jax.live_arrays()}  # kept, so that no new one gets an old identity
        self.peak: int | None = None


watches: list[_Watch] = []
"""Those that `peak_memory` has open: empty but while it runs, so that a call of a compiled function only asks that."""


def peak_memory(function: Callable[[], object]) -> int:
    """Run a function; return the most bytes its arrays held at once, by the plans of the programs it called.

    Raises:
        UnsupportedError: if it called no compiled function: JAX plans memory per program, and eager operations are a
            program each.
    """
    watch = _Watch()
    watches.append(watch)
    try:
        function()
    finally:
        watches.remove(watch)
    if watch.peak is None:
        raise UnsupportedError(
            "JAX states the memory of compiled programs, and in eager mode every operation is a program of its own. "
            "Hint: see the compiled variant, or the process's high-water mark."
        )
    return watch.peak


def look(compiled: Any, arrays: Sequence[Array]) -> None:
    """Note what is live and what a compiled function is about to need: outputs and temporaries, less what it reuses."""
    if any(isinstance(array, jax.core.Tracer) for array in arrays):
        return  # it runs inside another program, whose plan contains it
    plan = compiled.lower(*arrays).compile().memory_analysis()
    if plan is None:
        return
    needed = plan.temp_size_in_bytes + plan.output_size_in_bytes - plan.alias_size_in_bytes
    everything = jax.live_arrays()
    for watch in watches:
        live = sum(array.nbytes for array in everything if id(array) not in watch.older)
        watch.peak = max(watch.peak or 0, live + needed)
