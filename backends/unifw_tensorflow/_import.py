"""TensorFlow, imported without its chatter: every other module of this plug-in takes `tf` from here.

`TF_CPP_MIN_LOG_LEVEL` is set to 3 (nothing but fatal errors) unless the user has set it: on 2 the absence of a GPU is
still reported as an error, and real errors are Python exceptions anyway. TensorFlow 2.21 prints some lines before it
reads that variable; they are held back, and shown only if the import fails.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def _standard_error_held_back() -> Iterator[None]:
    """Keep what C++ writes to file descriptor 2 inside the block in a file, and show it only after an exception."""
    try:
        kept = os.dup(2)
    except OSError:  # there is no standard error to protect
        yield
        return
    with tempfile.TemporaryFile() as file:
        sys.stderr.flush()
        os.dup2(file.fileno(), 2)
        try:
            yield
        except BaseException:
            file.seek(0)
            os.write(kept, file.read())
            raise
        finally:
            os.dup2(kept, 2)
            os.close(kept)


if "tensorflow" in sys.modules or "TF_CPP_MIN_LOG_LEVEL" in os.environ:
    import tensorflow as tf
else:
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    with _standard_error_held_back():
        import tensorflow as tf

raw = tf.raw_ops
"""The public one-to-one wrappers of TensorFlow's kernels: half the eager overhead of `tf.math` (5 against 10 µs)."""

__all__ = ["raw", "tf"]
