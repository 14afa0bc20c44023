"""The kit's blocks joined."""

from __future__ import annotations

from unifw.testing._compilation import Compilation
from unifw.testing._composites import Composites
from unifw.testing._conversion import Conversion
from unifw.testing._elementwise import Elementwise
from unifw.testing._gradients import Gradients
from unifw.testing._identity import Identity
from unifw.testing._namespace import Namespace
from unifw.testing._promotion import Promotion
from unifw.testing._public import Functions
from unifw.testing._randomness import Randomness
from unifw.testing._transforms import Transforms


class BackendConformance(
    Identity,
    Conversion,
    Elementwise,
    Namespace,
    Composites,
    Gradients,
    Transforms,
    Compilation,
    Randomness,
    Promotion,
    Functions,
):
    """Subclass this in a test file as ``class Test…``, with `backend_name` set to the name of the backend."""
