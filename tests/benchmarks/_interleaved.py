"""Timing several functions against each other: rounds in random order, ratios per round, a bootstrap interval."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable


def interleaved(
    functions: dict[str, Callable[[], object]], *, rounds: int = 60, seconds: float = 0.02
) -> dict[str, list[float]]:
    """Return seconds per call, one sample per round, for each function."""
    calls = {}
    for name, function in functions.items():
        for _ in range(5):
            function()
        start = time.perf_counter()
        function()
        calls[name] = max(1, int(seconds / max(time.perf_counter() - start, 1e-7)))
    samples: dict[str, list[float]] = {name: [] for name in functions}
    order = list(functions)
    generator = random.Random(0)
    for _ in range(rounds):
        generator.shuffle(order)
        for name in order:
            function, count = functions[name], calls[name]
            start = time.perf_counter()
            for _ in range(count):
                function()
            samples[name].append((time.perf_counter() - start) / count)
    return samples


def ratio(samples: list[float], baseline: list[float], *, resamples: int = 2000) -> tuple[float, float, float]:
    """Return the median of the per-round ratios with a 95 % bootstrap interval."""
    ratios = [a / b for a, b in zip(samples, baseline, strict=True)]
    generator = random.Random(0)
    medians = sorted(statistics.median(generator.choices(ratios, k=len(ratios))) for _ in range(resamples))
    return statistics.median(ratios), medians[int(0.025 * resamples)], medians[int(0.975 * resamples)]


def report(samples: dict[str, list[float]], ours: str, unit: float = 1e6, name: str = "µs") -> None:
    """Print medians, and our ratio to each other function."""
    for key, values in samples.items():
        quartiles = statistics.quantiles(values, n=4)
        line = f"{key:34s} {statistics.median(values) * unit:10.2f} {name} (quartiles {quartiles[0] * unit:.2f}"
        line += f" to {quartiles[2] * unit:.2f})"
        if key != ours:
            middle, low, high = ratio(samples[ours], values)
            line += f"   unifw / this = {middle:.3f} [{low:.3f}, {high:.3f}]"
        print(line)
