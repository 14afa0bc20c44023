"""The whole schedule on a fake clock with fake workers: who is asked what, when, and what becomes of failures."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from tests.profiler.fakes import Behaviour, FakeClock, FakeExecutor, FakeWorker
from unifw.errors import ProfileError
from unifw.profiler import Failure, Report, Settings, Variant, analyse
from unifw.profiler._coordinator import Coordinator
from unifw.profiler._process import WorkerError, WorkerInputError

A, B, C = Variant("a", "eager"), Variant("b", "eager"), Variant("b", "compiled")


def run(tmp_path, behaviours=None, *, rounds=12, launches=2, budget=1e9, executor=None) -> tuple[Report, FakeExecutor]:
    clock = FakeClock()
    executor = executor or FakeExecutor(clock, behaviours or {})
    settings = Settings(
        str(tmp_path / "net.py"), "model", f"{tmp_path / 'net.py'}:batch", 1, rounds, launches, budget, 0
    )
    coordinator = Coordinator(
        settings, [A, B, C], executor=executor, clock=executor.clock, cpus=(0,), directory=str(tmp_path)
    )
    return coordinator.run(), executor


def test_every_round_asks_every_variant_once_per_activity_in_changing_order(tmp_path) -> None:
    report, executor = run(tmp_path)
    asked = [(label, activity, number) for label, what, activity, number in executor.log if what == "sample"]
    assert set(Counter(asked).values()) == {2}  # once per launch
    assert len(asked) == 3 * 2 * 12 * 2
    orders = [tuple(label for label, activity, _ in asked[i : i + 6] if activity == "train") for i in range(0, 144, 6)]
    assert all(sorted(order) == ["a/eager", "b/compiled", "b/eager"] for order in orders)
    assert len(set(orders)) > 2
    assert report.rounds == 12


def test_known_costs_come_out(tmp_path) -> None:
    costs = {"a/eager": Behaviour(step=0.02), "b/eager": Behaviour(step=0.01), "b/compiled": Behaviour(step=0.03)}
    analysis = analyse(run(tmp_path, costs)[0])
    assert [(row.variant.label, row.verdict.word) for row in analysis.rows] == [
        ("b/eager", "BEST"),
        ("a/eager", "SLOWER"),
        ("b/compiled", "SLOWER"),
    ]
    assert [row.ratio.estimate for row in analysis.rows if row.ratio] == pytest.approx([1.0, 2.0, 3.0])


@pytest.mark.parametrize("command", ["load", "first_call", "parity", "warm_up", "sample", "audit", "allocator"])
def test_a_variant_that_dies_is_a_row_and_the_others_finish(tmp_path, command: str) -> None:
    report, executor = run(tmp_path, {"b/eager": Behaviour(dies_at=command)})
    rows = {row.variant.label: row for row in analyse(report).rows}
    assert rows["b/eager"].verdict.word == "FAILED"
    assert "SIGSEGV" in rows["b/eager"].verdict.reason
    assert len(report.results[0].launches) == len(report.results[2].launches) == 2
    assert sum(1 for label, what, _, _ in executor.log if (label, what) == ("b/eager", "load")) == 1  # not tried again


def test_a_death_in_the_middle_leaves_the_rounds_of_the_others_complete(tmp_path) -> None:
    report, _ = run(tmp_path, {"a/eager": Behaviour(dies_in_round=4)})
    for result in report.results[1:]:
        assert [sample.round for sample in result.launches[0].samples["train"]] == list(range(12))


def test_no_worker_outlives_the_run_whatever_happens(tmp_path) -> None:
    for behaviours in ({}, {"b/eager": Behaviour(dies_at="sample")}, {"a/eager": Behaviour(dies_at="load")}):
        _, executor = run(tmp_path, behaviours)
        assert all(worker.closed for worker in executor.workers)


def test_an_interrupt_closes_the_workers_and_goes_on_up(tmp_path) -> None:
    executor = FakeExecutor(FakeClock(), {})

    def interrupt(text: str, _done: float) -> None:
        if "round 5" in text:
            raise KeyboardInterrupt

    coordinator = Coordinator(
        Settings(str(tmp_path / "net.py"), "model", "net.py:batch", 1, 12, 2, 1e9, 0),
        [A, B], executor=executor, clock=executor.clock, cpus=(0,), directory=str(tmp_path), notify=interrupt,
    )  # fmt: skip
    with pytest.raises(KeyboardInterrupt):
        coordinator.run()
    assert all(worker.closed for worker in executor.workers)


def test_the_time_budget_ends_the_rounds_but_never_before_they_can_be_judged(tmp_path) -> None:
    slow = {label: Behaviour(step=1.0) for label in ("a/eager", "b/eager", "b/compiled")}
    report, _ = run(tmp_path, slow, rounds=30, budget=100.0)  # 50 s per launch, 6 s per round
    assert report.rounds == 9
    report, _ = run(tmp_path, slow, rounds=30, budget=1.0)
    assert report.rounds == 5


def test_other_weights_are_not_compared(tmp_path) -> None:
    report, _ = run(tmp_path, {"a/eager": Behaviour(weights="others")})
    assert report.results[0].failure is not None
    assert "initial weights" in report.results[0].failure.reason


def test_nothing_to_compile_is_left_out_and_said(tmp_path) -> None:
    report, _ = run(tmp_path, {"b/compiled": Behaviour(skip="b has nothing to compile")})
    assert [result.variant for result in report.results] == [A, B]
    assert report.skipped == {"b/compiled": "b has nothing to compile"}


def test_wrong_results_are_invalid(tmp_path) -> None:
    report, _ = run(tmp_path, {"a/eager": Behaviour(step=0.001, error=0.5)})
    rows = {row.variant.label: row.verdict.word for row in analyse(report).rows}
    assert rows == {"a/eager": "INVALID", "b/eager": "BEST", "b/compiled": "SAME"}


@pytest.mark.parametrize("error", [WorkerInputError("net.py has no 'model'"), WorkerError("boom", "a line")])
def test_without_a_reference_there_is_no_run(tmp_path, error: WorkerError) -> None:
    class Broken(FakeExecutor):
        def launch(self, environment, cpus):
            worker = super().launch(environment, cpus)

            def fail(*_args, **_kwargs):
                raise error

            worker.request = fail
            return worker

    executor = Broken(FakeClock(), {})
    with pytest.raises(ProfileError, match=r"net\.py has no 'model'|reference .* could not be computed: boom"):
        run(tmp_path, executor=executor)
    assert all(worker.closed for worker in executor.workers)


def test_the_reference_is_float64_numpy_and_variants_are_as_configured(tmp_path) -> None:
    _, executor = run(tmp_path)
    first, *others = executor.environments
    assert (first["UNIFW_BACKEND"], first["UNIFW_FLOATX"]) == ("numpy", "float64")
    assert all("UNIFW_FLOATX" not in each and each["OMP_NUM_THREADS"] == "1" for each in others)
    assert {each["UNIFW_BACKEND"] for each in others} == {"a", "b"}


def test_the_device_that_was_asked_for_is_not_the_references(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("UNIFW_DEVICE", "cuda:0")
    _, executor = run(tmp_path)
    first, *others = executor.environments
    assert first["UNIFW_DEVICE"] == "cpu"
    assert {each["UNIFW_DEVICE"] for each in others} == {"cuda:0"}


def test_no_variant_finds_what_another_compiled(tmp_path) -> None:
    _, executor = run(tmp_path)
    caches = [each["JAX_COMPILATION_CACHE_DIR"] for each in executor.environments]
    assert len(set(caches)) == 4  # the reference, and three variants
    assert set(Counter(caches[1:]).values()) == {2}  # the second launch finds what the first compiled


def test_the_report_names_no_path(tmp_path) -> None:
    class Talkative(FakeWorker):
        def request(self, command, **options):
            if command["do"] == "sample" and self.label == "a/eager":
                raise WorkerError(f"no file {tmp_path / 'data.npz'}", f'File "{tmp_path / "net.py"}", line 3')
            return super().request(command, **options)

    class Executor(FakeExecutor):
        worker_class = Talkative

    report, _ = run(tmp_path, executor=Executor(FakeClock(), {}))
    assert report.results[0].failure == Failure("measurement", "no file data.npz", 'File "net.py", line 3')
    assert report.settings.file == "net.py"
    assert report.settings.data == "batch"
    assert str(tmp_path) not in repr(report)


def test_the_parity_check_compiles_only_after_memory_was_read(tmp_path) -> None:
    _, executor = run(tmp_path)
    for label in ("a/eager", "b/eager", "b/compiled"):
        asked = [what for name, what, _, _ in executor.log if name == label]
        assert asked.count("parity") == 1  # the results of one program, in the first launch
        assert asked.index("allocator") < asked.index("parity") < asked.index("load", 1)


def test_device_and_dtype_are_in_the_report(tmp_path) -> None:
    report, executor = run(tmp_path)
    assert {(each.device, each.floatx) for each in report.results} == {("cpu", "float32")}
    assert {each["XLA_PYTHON_CLIENT_PREALLOCATE"] for each in executor.environments} == {"false"}
    assert {each["TF_FORCE_GPU_ALLOW_GROWTH"] for each in executor.environments} == {"true"}


def test_what_rounding_decides_is_named(tmp_path) -> None:
    class Restless(FakeWorker):
        def parity(self, command):
            return {**super().parity(command), "left_out": [f"change {number}/bias" for number in range(6)]}

    class Executor(FakeExecutor):
        worker_class = Restless

    report, _ = run(tmp_path, executor=Executor(FakeClock(), {}))
    (doubt,) = [doubt for doubt in analyse(report).doubts if "rounding" in doubt]
    assert "change 0/bias" in doubt
    assert doubt.endswith("and 2 more.")


class Jittery(FakeWorker):
    """A process whose memory layout costs a few percent, all its life, and whose every run varies by two."""

    layout_sd = 0.015

    def __init__(self, executor: FakeExecutor) -> None:
        super().__init__(executor)
        self.random = np.random.default_rng(executor.random.integers(2**32))
        self.layout = np.exp(self.random.normal(0, self.layout_sd))

    def run(self, steps: int) -> None:
        self.executor.clock.time += steps * self.behaviour.step * self.layout * np.exp(self.random.normal(0, 0.02))


class JitteryExecutor(FakeExecutor):
    worker_class = Jittery

    def __init__(self, seed: int, behaviours: dict[str, Behaviour]) -> None:
        super().__init__(FakeClock(), behaviours)
        self.random = np.random.default_rng(seed)


@pytest.mark.parametrize("launches", [1, 3])
def test_whole_runs_cover_the_true_ratio_and_do_not_tell_equals_apart(tmp_path, launches: int) -> None:
    truth = {"a/eager": 1.0, "b/eager": 1.0, "b/compiled": 1.5}
    behaviours = {label: Behaviour(step=0.001 * factor) for label, factor in truth.items()}
    covered = total = false = 0
    for seed in range(60):
        report, _ = run(tmp_path, launches=launches, rounds=20, executor=JitteryExecutor(seed, behaviours))
        analysis = analyse(report)
        for row in analysis.rows:
            if row.variant.label != analysis.reference and row.ratio is not None:
                ratio = truth[row.variant.label] / truth[analysis.reference or ""]
                covered += row.ratio.low <= ratio <= row.ratio.high
                total += 1
                false += ratio == 1.0 and row.verdict.word in ("SLOWER", "FASTER")
    assert total == 120
    # Choosing the fastest as the reference selects its luck; the intervals bear that too.
    assert covered >= 0.90 * total
    assert false <= 0.05 * 60
