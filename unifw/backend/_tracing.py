"""What every backend answers when a traced function asks for a value that does not exist yet."""

from __future__ import annotations

from unifw.errors import TransformError


def no_value() -> TransformError:
    """Return the error for reading the value of a traced array, the same on every backend.

    Plug-ins raise it from `Backend.to_numpy`, which is what `if tensor:`, ``float(tensor)``, `item` and `tolist` call.
    """
    return TransformError(
        "A function under jit, vmap or a compiled loop needs the value of a tensor (`if tensor:`, `float(tensor)`, "
        "`tensor.item()`, `range(tensor)`) while it is traced: values do not exist yet, only shapes and dtypes. Choose "
        "between tensors with unifw.where, between computations with unifw.cond, loop with unifw.fori_loop or "
        "unifw.while_loop; for a Python number, name the argument in static_argnums or static_argnames of jit."
    )
