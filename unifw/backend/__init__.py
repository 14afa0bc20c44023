"""The backend interface, the registry, and the choice of a backend. Plug-ins import this, and nothing above it."""

from unifw.backend._capabilities import DEFAULT_TOLERANCES, Capabilities, Tolerance
from unifw.backend._casting import host_cast, integer_bounds
from unifw.backend._complex import complete_complex
from unifw.backend._composites import Random as RandomComposites
from unifw.backend._composites import Reduction, neutral_element
from unifw.backend._host_random import host_draw, threefry2x32
from unifw.backend._interface import (
    INTERFACE_VERSION,
    Array,
    ArrayFunction,
    Backend,
    BackwardFunction,
    CompiledFunction,
    ConditionFunction,
    ListFunction,
    LossFunction,
    PairFunction,
    Pullback,
    ScanFunction,
)
from unifw.backend._matrix import matrix_of, refusals_of
from unifw.backend._python_transforms import PythonTransforms
from unifw.backend._registry import KNOWN, KnownBackend, get_backend, installed, missing_framework, registered
from unifw.backend._selection import (
    check_device,
    current_backend,
    current_device,
    devices,
    set_backend,
    use_backend,
    use_device,
)
from unifw.backend._support import (
    ANSWERED,
    Operation,
    Support,
    composites,
    namespace_functions,
    operations_of,
    support_table,
)
from unifw.backend._tracing import no_value
from unifw.backend._unsupported import unsupported
from unifw.backend._user_line import user_line

__all__ = [
    "ANSWERED",
    "DEFAULT_TOLERANCES",
    "INTERFACE_VERSION",
    "KNOWN",
    "Array",
    "ArrayFunction",
    "Backend",
    "BackwardFunction",
    "Capabilities",
    "CompiledFunction",
    "ConditionFunction",
    "KnownBackend",
    "ListFunction",
    "LossFunction",
    "Operation",
    "PairFunction",
    "Pullback",
    "PythonTransforms",
    "RandomComposites",
    "Reduction",
    "ScanFunction",
    "Support",
    "Tolerance",
    "check_device",
    "complete_complex",
    "composites",
    "current_backend",
    "current_device",
    "devices",
    "get_backend",
    "host_cast",
    "host_draw",
    "installed",
    "integer_bounds",
    "matrix_of",
    "missing_framework",
    "namespace_functions",
    "neutral_element",
    "no_value",
    "operations_of",
    "refusals_of",
    "registered",
    "set_backend",
    "support_table",
    "threefry2x32",
    "unsupported",
    "use_backend",
    "use_device",
    "user_line",
]
