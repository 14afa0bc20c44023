"""What all blocks of the kit share: the backend under test, cases made from what it declares, its known failures."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar, TypeVar

import pytest

from unifw import dtypes
from unifw.backend import Backend, get_backend, missing_framework
from unifw.testing._scorecard import NO_CASES, collector

Test = TypeVar("Test", bound=Callable[..., None])


def over(names: str, cases: Callable[[Backend], Iterable[Any]]) -> Callable[[Test], Test]:
    """Run a test for each case of the backend under test: dtypes it has, operations it offers.

    Args:
        names: argument names, as for `pytest.mark.parametrize`.
        cases: from the backend to the cases; more than one name needs tuples.
    """

    def decorate(test: Test) -> Test:
        test.conformance_cases = (names, cases)  # type: ignore[attr-defined]
        return test

    return decorate


def label(value: Any) -> str | None:
    """Return the test id of a case's part."""
    if isinstance(value, dtypes.DType):
        return value.name
    name = getattr(value, "label", None)
    return name if isinstance(name, str) else None


class Block:
    """One block of the kit. `BackendConformance` joins them all."""

    backend_name: ClassVar[str]

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Make the cases of a test decorated with `over`; pytest calls this while it collects the class."""
        names, cases = getattr(metafunc.function, "conformance_cases", (None, None))
        if names is None or cases is None:
            return
        missing = missing_framework(self.backend_name)
        empty = [None] * len(names.split(","))
        if missing:
            reason = f"{missing.requires} is not installed; run: {missing.install}"
            metafunc.parametrize(names, [pytest.param(*empty, marks=pytest.mark.skip(reason=reason))])
        else:
            found = list(cases(get_backend(self.backend_name)))
            collector(metafunc.config)  # which takes tests without a case out of the collection
            metafunc.parametrize(names, found or [NO_CASES if len(empty) == 1 else [NO_CASES] * len(empty)], ids=label)

    @pytest.fixture
    def backend(self) -> Backend:
        """Return the backend under test; skip where its framework is not installed."""
        missing = missing_framework(self.backend_name)
        if missing:
            pytest.skip(f"{missing.requires} is not installed; run: {missing.install}")
        return get_backend(self.backend_name)

    @pytest.fixture(autouse=True)
    def _record(self, request: pytest.FixtureRequest) -> None:
        """Count the test on the scorecard, and expect it to fail if the backend says so."""
        block = request.function.__qualname__.split(".")[0]
        collector(request.config).expect(request.node.nodeid, self.backend_name, block)
        if missing_framework(self.backend_name) is None:
            for part, reason in get_backend(self.backend_name).known_failures.items():
                if part in request.node.name:
                    request.node.add_marker(pytest.mark.xfail(reason=reason, strict=True))


def has(dtype: dtypes.DType) -> Callable[[Backend], bool]:
    """Return a test of whether a backend has a dtype."""
    return lambda backend: dtype in backend.capabilities.dtypes


def of_kinds(backend: Backend, *kinds: str) -> list[dtypes.DType]:
    """Return the backend's dtypes of these kinds, in the order of `unifw.dtypes.ALL`."""
    return [each for each in dtypes.ALL if each in backend.capabilities.dtypes and dtypes.kind(each) in kinds]


def widest_float(backend: Backend) -> dtypes.DType:
    """Return the dtype in which gradients are checked: float64 where the backend has it."""
    return dtypes.float64 if dtypes.float64 in backend.capabilities.dtypes else dtypes.float32
