"""No variant is favoured by its place in a round or by what ran before it."""

from __future__ import annotations

from collections import Counter
from itertools import islice, pairwise

import pytest

from unifw.profiler._schedule import interleaved, williams_design


@pytest.mark.parametrize("count", range(1, 10))
def test_every_variant_stands_in_every_position_equally_often(count: int) -> None:
    block = williams_design(count)
    places = Counter((item, place) for order in block for place, item in enumerate(order))
    assert len(places) == count**2
    assert len(set(places.values())) == 1


@pytest.mark.parametrize("count", range(2, 10))
def test_every_variant_follows_every_other_equally_often(count: int) -> None:
    followers = Counter(pair for order in williams_design(count) for pair in pairwise(order))
    assert len(followers) == count * (count - 1)
    assert len(set(followers.values())) == 1


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_rounds_hold_everybody_once_and_blocks_stay_balanced(count: int) -> None:
    names = [f"v{i}" for i in range(count)]
    block = len(williams_design(count))
    orders = list(islice(interleaved(names, seed=5), 3 * block))
    assert all(sorted(order) == names for order in orders)
    assert len(set(Counter((name, order.index(name)) for order in orders for name in order).values())) == 1


def test_order_is_random_but_repeats_with_the_seed() -> None:
    names = list("abcdef")
    first, again, other = (list(islice(interleaved(names, seed), 6)) for seed in (1, 1, 2))
    assert first == again != other


def test_nothing_to_interleave() -> None:
    assert list(interleaved([], 0)) == []
