"""Figures unifw is held to, as ratios in one run on one pinned thread: `python tests/benchmarks/run.py --help`."""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NPROC", "PJRT_NPROC",
           "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")  # fmt: skip


def pin() -> None:
    """Bind this process to one CPU and one thread; before any framework is imported."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    for variable in THREADS:
        os.environ[variable] = "1"


def imports(launches: int = 15) -> None:
    """Seconds of `import unifw` above `import numpy`, in fresh processes, with the bytecode that pip leaves on disk."""
    code = "import time; a = time.perf_counter(); import numpy; b = time.perf_counter(); import unifw; print(b - a, time.perf_counter() - b)"  # noqa: E501
    with tempfile.TemporaryDirectory() as folder:
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment["PYTHONPYCACHEPREFIX"] = folder
        command = [sys.executable, "-c", code]
        runs = [
            tuple(map(float, subprocess.check_output(command, text=True, env=environment).split()))
            for _ in range(launches + 1)
        ][1:]  # the first one writes the bytecode
    ours = sorted(run[1] for run in runs)
    print(f"import numpy          {statistics.median(run[0] for run in runs):.3f} s")
    print(f"import unifw on top   {statistics.median(ours):.3f} s (from {ours[0]:.3f} to {ours[-1]:.3f}); at most 0.15")


def eager(backend_name: str, rounds: int) -> None:
    """Microseconds per operation above the framework's own call, on four elements."""
    from _interleaved import interleaved
    from _native_calls import native_calls, of_namespace

    import unifw as uf

    uf.set_backend(backend_name)
    operands = uf.ones((2, 2), dtype="bool"), uf.ones((2, 2)), uf.ones((2, 2))
    calls = of_namespace(uf, uf.sum, *operands)
    native = native_calls(backend_name, *(each.native for each in operands))
    print(f"{'':18s} {'native':>8s} {'unifw':>8s}   difference (quartiles)")
    for name, ours in calls.items():
        samples = interleaved({"unifw": ours, "native": native[name]}, rounds=rounds, seconds=0.003)
        extra = [(u - n) * 1e6 for u, n in zip(samples["unifw"], samples["native"], strict=True)]
        low, middle, high = statistics.quantiles(extra, n=4)
        theirs, own = (statistics.median(samples[each]) * 1e6 for each in ("native", "unifw"))
        print(f"{name:18s} {theirs:8.2f} {own:8.2f}   {middle:+.2f} µs ({low:+.2f} to {high:+.2f})")


def mlp(backend_name: str, rounds: int) -> None:
    """The compiled training step against the same step by hand."""
    from _by_hand import SIZES, STEPS, batch

    import unifw as uf

    uf.set_backend(backend_name)
    hidden = [uf.layers.Dense(size, activation="relu") for size in SIZES[1:-1]]
    model = uf.Sequential([uf.layers.Input((784,)), *hidden, uf.layers.Dense(SIZES[-1])])
    model.compile(optimizer="adam", loss=uf.losses.SparseCategoricalCrossentropy(from_logits=True))
    data = tuple(uf.asarray(each) for each in batch())

    def runner(compiled: bool) -> Callable[[], Any]:
        state = model.init_train_state()
        step = model.make_train_step(compile=compiled)

        def run() -> Any:
            nonlocal state
            state, logs = step(state, data)
            return uf.synchronize(logs["loss"])

        return run

    functions = {"unifw compiled": runner(True), "unifw eager": runner(False)}
    start = time.perf_counter()
    functions["unifw compiled"]()
    print(f"first compiled step: {time.perf_counter() - start:.2f} s")
    functions.update(STEPS[backend_name]())
    from _interleaved import interleaved, report

    report(interleaved(functions, rounds=rounds), "unifw compiled")


def jit(backend_name: str, rounds: int) -> None:
    """A compiled function of 200 small operations, and one of a tree of 100 leaves, against the framework's own."""
    import numpy as np
    from _interleaved import interleaved, report
    from _native_jit import NATIVE, SIZES, increment, leaves, small_operations

    import unifw as uf

    uf.set_backend(backend_name)
    namespace, convert, compilers, wait = NATIVE[backend_name]()

    def compare(title: str, ours: Any, theirs: Any, make: Callable[[Any], Any], first: Callable[[Any], Any]) -> None:
        x, a = make(uf.asarray), make(convert)
        functions: dict[str, Callable[[], Any]] = {"unifw": lambda: wait(first(ours(x)).native)}
        for name, compiler in compilers.items():
            compiled = compiler(theirs)
            functions[name] = lambda compiled=compiled: wait(first(compiled(a)))
        print(f"-- {title}")
        report(interleaved(functions, rounds=rounds), "unifw")

    for size in SIZES:
        values = np.linspace(0, 1, size, dtype=np.float32)  # from NumPy, whose dtype every framework keeps
        compare(
            f"200 operations on {size} elements",
            uf.jit(small_operations(uf)),
            small_operations(namespace),
            lambda convert, values=values: convert(values),
            lambda result: result,
        )
    compare(
        "a tree of 100 leaves",
        uf.jit(increment),
        increment,
        lambda convert: {name: convert(leaf) for name, leaf in leaves().items()},
        lambda result: result["leaf_000"],
    )


def tape(rounds: int) -> None:
    """Loss and gradients of an MLP of width 512 on the gradient tape over NumPy, against NumPy by hand."""
    import _by_hand_numpy
    import numpy as np
    from _by_hand import batch
    from _interleaved import interleaved, report

    import unifw as uf

    uf.set_backend("numpy")
    x, y = batch()
    parameters = _by_hand_numpy.weights()
    data, labels, tensors = uf.asarray(x), uf.asarray(y), [uf.asarray(each) for each in parameters]

    def loss(weights: list[Any]) -> Any:
        *hidden, last = [weights[index : index + 2] for index in range(0, 6, 2)]
        activations = data
        for kernel, bias in hidden:
            activations = uf.nn.relu(activations @ kernel + bias)
        return uf.mean(uf.nn.sparse_softmax_cross_entropy(activations @ last[0] + last[1], labels))

    run = uf.value_and_grad(loss)
    value, gradients = run(tensors)
    expected, by_hand = _by_hand_numpy.value_and_grad(parameters, x, y)
    np.testing.assert_allclose(value.native, expected, rtol=1e-5)
    for ours, theirs in zip(gradients, by_hand, strict=True):
        np.testing.assert_allclose(ours.native, theirs, rtol=1e-3, atol=1e-6)
    functions = {"tape": lambda: run(tensors), "by hand": lambda: _by_hand_numpy.value_and_grad(parameters, x, y)}
    report(interleaved(functions, rounds=rounds), "tape")


def main() -> None:
    """Read the command line and run one benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("benchmark", choices=("imports", "eager", "mlp", "jit", "tape"))
    parser.add_argument("--backend", default="torch", help="for eager, mlp and jit (default: torch)")
    parser.add_argument("--rounds", type=int, default=60, help="for all but imports (default: 60)")
    options = parser.parse_args()
    pin()
    if options.benchmark == "imports":
        imports()
    elif options.benchmark == "eager":
        eager(options.backend, options.rounds)
    elif options.benchmark == "jit":
        jit(options.backend, options.rounds)
    elif options.benchmark == "tape":
        tape(options.rounds)
    else:
        mlp(options.backend, options.rounds)


if __name__ == "__main__":
    main()
