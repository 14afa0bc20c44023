"""What the tape's parts know of the tape."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from unifw.backend._interface import Backend
    from unifw.backend.autodiff._recorder import Recorder


class OverInner:
    """The backend under the tape, and the tape's recorder."""

    inner: Backend
    recorder: Recorder
