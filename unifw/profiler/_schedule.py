"""In which order variants run, round by round.

Rounds come in blocks. Within a block every variant stands in every position equally often, and follows every other
variant equally often, so that neither a warm cache nor a drift of the clock frequency favours one: a Williams design
(Williams, "Experimental Designs Balanced for the Estimation of Residual Effects of Treatments", 1949). Each block gives
the variants new random numbers and shuffles its rounds.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def williams_design(count: int) -> list[list[int]]:
    """Return a balanced block of orders of `count` things: `count` rounds, twice that if the number is odd.

    >>> williams_design(4)
    [[0, 1, 3, 2], [1, 2, 0, 3], [2, 3, 1, 0], [3, 0, 2, 1]]
    """
    first = [0]
    low, high = 1, count - 1
    while len(first) < count:
        first.append(low)
        low += 1
        if len(first) < count:
            first.append(high)
            high -= 1
    block = [[(item + shift) % count for item in first] for shift in range(count)]
    return block + [order[::-1] for order in block] if count % 2 else block


def interleaved(items: Sequence[T], seed: int) -> Iterator[list[T]]:
    """Yield one order of all items per round, forever; the same for the same seed."""
    generator = random.Random(seed)  # noqa: S311 - an order of measurements, not a secret
    while items:
        names = list(items)
        generator.shuffle(names)
        block = williams_design(len(names))
        generator.shuffle(block)
        for order in block:
            yield [names[index] for index in order]
