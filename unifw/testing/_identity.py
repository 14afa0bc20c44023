"""Block 1: who the backend is, what it can do, and what it says it cannot."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from unifw import dtypes
from unifw.backend import (
    INTERFACE_VERSION,
    Array,
    Backend,
    Tolerance,
    get_backend,
    registered,
    support_table,
    unsupported,
)
from unifw.errors import UnsupportedError
from unifw.testing._base import Block, over
from unifw.testing._scorecard import collector


def _refused(backend: Backend) -> list[str]:
    """Return the members of `Backend` that say no; what a namespace lacks, `Functions` calls."""
    table = support_table(backend)
    return [name for name, answer in table.items() if answer == "unsupported" and not name.startswith("xp.")]


def _measured(backend: Backend) -> list[str]:
    """Return the devices whose memory is counted: the class may answer for some of them only."""
    return [device for device in backend.devices() if _is_measured(backend, device)]


def _is_measured(backend: Backend, device: str) -> bool:
    try:
        backend.memory_stats(device)
    except UnsupportedError:
        return False
    return True


def _reset(backend: Backend, device: str) -> dict[str, int]:
    """Return the figures after a reset, or as they are where the peak cannot be reset."""
    if support_table(backend)["reset_memory_stats"] != "unsupported":
        backend.reset_memory_stats(device)
    return backend.memory_stats(device)


class Identity(Block):
    """Name, versions, capabilities, and refusals."""

    def test_is_registered_under_its_name(self, backend: Backend) -> None:
        assert backend.name == self.backend_name
        assert self.backend_name in registered()

    def test_is_created_once(self, backend: Backend) -> None:
        assert get_backend(self.backend_name) is backend

    def test_states_the_interface_version_it_was_written_for(self, backend: Backend) -> None:
        assert type(backend).__dict__.get("interface_version") == INTERFACE_VERSION

    def test_tells_versions(self, backend: Backend) -> None:
        versions = backend.versions()
        assert versions
        assert all(isinstance(name, str) and isinstance(version, str) and version for name, version in versions.items())

    def test_dtypes_hold_what_unifw_cannot_do_without(self, backend: Backend) -> None:
        needed = {dtypes.bool, dtypes.int32, dtypes.int64, dtypes.uint32, dtypes.float32}
        assert needed <= backend.capabilities.dtypes <= set(dtypes.ALL)

    def test_compilation_is_a_known_word(self, backend: Backend) -> None:
        assert backend.capabilities.compilation in ("none", "cheap", "costly")

    def test_devices_are_of_the_kinds_declared(self, backend: Backend) -> None:
        present = backend.devices()
        assert present
        assert "cpu" in backend.capabilities.device_kinds
        assert {device.split(":")[0] for device in present} <= set(backend.capabilities.device_kinds)

    def test_has_a_tolerance_for_every_inexact_dtype(self, backend: Backend) -> None:
        for dtype in backend.capabilities.dtypes & set(dtypes.FLOATS + dtypes.COMPLEX):
            tolerance = backend.tolerances[dtype]
            assert isinstance(tolerance, Tolerance)
            assert 0 <= tolerance.absolute < 0.1
            assert 0 <= tolerance.relative < 0.1

    def test_known_failures_have_reasons(self, backend: Backend) -> None:
        assert all(part and reason.strip() for part, reason in backend.known_failures.items())

    def test_known_failures_name_tests(self, backend: Backend, request: pytest.FixtureRequest) -> None:
        """A part that matches nothing is a failure long mended, or mistyped: nobody would notice either."""
        collected = collector(request.config)
        if not collected.has_all_of(type(self)):
            pytest.skip("only a part of the kit was collected")
        names = collected.names_of(type(self))
        unmatched = [part for part in backend.known_failures if not any(part in name for name in names)]
        assert not unmatched, f"no test of the kit has these in its name: {unmatched}"

    @over("operation", _refused)
    def test_what_is_unsupported_says_why(self, backend: Backend, operation: str) -> None:
        declared = getattr(type(backend), operation)
        assert isinstance(declared, unsupported)
        assert declared.reason
        with pytest.raises(UnsupportedError) as raised:
            getattr(backend, operation)()
        assert all(part in str(raised.value) for part in (declared.reason, backend.name, operation))

    def test_support_table_answers_for_every_operation(self, backend: Backend) -> None:
        assert set(support_table(backend).values()) <= {"native", "composite", "unsupported"}

    def test_synchronize_waits_for_nothing_and_for_arrays(self, backend: Backend) -> None:
        array: Array = backend.asarray([1.0, 2.0])
        backend.synchronize([])
        backend.synchronize([array, backend.xp.add(array, 1.0)])

    @over("device", _measured)
    def test_memory_stats_count_what_is_held(self, backend: Backend, device: str) -> None:
        size = 4 * 2**20
        was_tracing = tracemalloc.is_tracing()
        try:
            before = _reset(backend, device)
            held = backend.asarray(np.zeros(size // 4, np.float32), device=device)
            held = backend.xp.add(held, 1.0)
            backend.synchronize([held])
            during = backend.memory_stats(device)
            assert size <= during["current"] - before["current"] < 4 * size
            assert during["peak"] >= during["current"]
            del held
            after = _reset(backend, device)
            assert after["current"] < during["current"] - size // 2
            if support_table(backend)["reset_memory_stats"] != "unsupported":
                assert after["peak"] < during["peak"] - size // 2
        finally:
            if not was_tracing:
                tracemalloc.stop()  # a backend may have started it, and it slows everything down
