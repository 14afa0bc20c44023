"""Sums of products, said with letters: Einstein's convention."""

from __future__ import annotations

import string
from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from typing import Any, NamedTuple

from unifw import config, dtypes
from unifw.errors import ArgumentError, DTypeError, ShapeError
from unifw.tensor import Tensor, astype, broadcast_to, linalg, matmul, multiply, permute_dims, reshape, result_type, sum
from unifw.tensor._arguments import brief
from unifw.tensor._operands import as_tensor
from unifw.tensor._strict import check_operands


class _Term(NamedTuple):
    """A tensor and the label of each of its axes."""

    labels: str
    tensor: Tensor


def einsum(subscripts: str, *operands: Any) -> Tensor:
    """Sum products of elements over the axes whose labels the result lacks, as `jax.numpy.einsum`.

    Operands are contracted in pairs, the pair whose product is smallest first, each pair by one matrix product. The
    result has the promoted dtype of the operands, on every backend.

    Args:
        subscripts: one group of letters per operand, separated by commas; ``...`` stands for axes without names, which
            broadcast. A label that is repeated within an operand takes the diagonal. After ``->`` come the labels of
            the result; without it, they are those that occur once, in alphabetical order, after the unnamed axes.
        *operands: tensors of numbers.

    Raises:
        ArgumentError: for subscripts that cannot be read.
        ShapeError: for subscripts that do not fit the operands, or axes of one label and different sizes.
        DTypeError: for booleans.

    >>> import unifw as uf
    >>> x = uf.asarray([[1.0, 2.0], [3.0, 4.0]])
    >>> uf.nn.einsum("ij,j->i", x, uf.asarray([1.0, 1.0])).tolist()
    [3.0, 7.0]
    >>> uf.nn.einsum("ii", x).item()
    5.0
    """
    tensors = [as_tensor(operand) for operand in operands]
    if not tensors:
        raise ArgumentError(f"einsum() got subscripts {subscripts!r} and no operands. Pass a tensor for each group.")
    dtype = result_type(*tensors)
    if config.is_strict():
        check_operands("einsum()", tensors, dtype)
    if dtype == dtypes.bool:
        raise DTypeError("einsum() adds and multiplies numbers, got bool. Convert with unifw.astype(x, 'int32').")
    inputs, output = _parse(subscripts, [tensor.ndim for tensor in tensors])
    sizes = _sizes(subscripts, inputs, tensors)
    terms = [
        _without_repeats(_Term(labels, astype(tensor, dtype))) for labels, tensor in zip(inputs, tensors, strict=True)
    ]
    terms = [_broadcast(term, sizes) for term in terms]
    while len(terms) > 1:
        first, second = _cheapest(terms, output, sizes)
        others = [term for index, term in enumerate(terms) if index not in (first, second)]
        needed = set(output).union(*(term.labels for term in others))
        terms = [*others, _contract(terms[first], terms[second], needed)]
    term = _summed(terms[0], set(output))
    order = tuple(term.labels.index(label) for label in output)
    return term.tensor if order == tuple(range(len(order))) else permute_dims(term.tensor, order)


def _parse(subscripts: str, ranks: Sequence[int]) -> tuple[list[str], str]:
    """Return the labels of each operand and of the result; unnamed axes get labels that no letter is."""
    if not isinstance(subscripts, str):
        raise ArgumentError(f"einsum() needs subscripts such as 'ij,jk->ik', got {brief(subscripts)}.")
    text = subscripts.replace(" ", "")
    left, arrow, right = text.partition("->")
    groups = left.split(",")
    for group in [*groups, right]:
        letters = group.replace("...", "", 1)
        wrong = sorted(set(letters) - set(string.ascii_letters))
        if wrong:
            raise ArgumentError(
                f"einsum() cannot read {wrong[0]!r} in {subscripts!r}. Write letters, one '...' per operand, commas "
                f"and one '->', such as 'bij,bjk->bik'."
            )
    if len(groups) != len(ranks):
        raise ShapeError(
            f"einsum() got {len(groups)} groups of labels in {subscripts!r} for {len(ranks)} operands. Give one each."
        )
    unnamed = 0
    for number, (group, rank) in enumerate(zip(groups, ranks, strict=True)):
        named = len(group.replace("...", "", 1))
        if named > rank or (named < rank and "..." not in group):
            raise ShapeError(
                f"einsum() got {named} labels ({group!r} in {subscripts!r}) for operand {number}, which has {rank} "
                "axes. Write a letter for each, or '...'."
            )
        unnamed = max(unnamed, rank - named)
    broadcast = "".join(chr(ord("0") + index) for index in range(unnamed))
    inputs = []
    for group, rank in zip(groups, ranks, strict=True):
        count = rank - len(group.replace("...", "", 1))
        inputs.append(group.replace("...", broadcast[unnamed - count :]))
    if arrow:
        return inputs, _explicit(subscripts, right.replace("...", broadcast), inputs, broadcast)
    counts = Counter("".join(inputs))
    return inputs, broadcast + "".join(sorted(each for each in counts if counts[each] == 1 and each not in broadcast))


def _explicit(subscripts: str, output: str, inputs: Sequence[str], broadcast: str) -> str:
    known = set("".join(inputs))
    unknown = [label for label in output if label not in known]
    if unknown:
        raise ArgumentError(
            f"einsum() has label {unknown[0]!r} in the result of {subscripts!r}, but in no operand. Name it there."
        )
    repeated = [label for label, count in Counter(output).items() if count > 1]
    if repeated:
        raise ArgumentError(f"einsum() has label {repeated[0]!r} twice in the result of {subscripts!r}. Name it once.")
    if broadcast and not set(broadcast) <= set(output):
        raise ArgumentError(
            f"einsum() has '...' in the operands of {subscripts!r} but not in the result. Write '...' there too, or "
            f"name the axes to be summed."
        )
    return output


def _sizes(subscripts: str, inputs: Sequence[str], tensors: Sequence[Tensor]) -> dict[str, int]:
    """Return the size of each label; only unnamed axes broadcast."""
    sizes: dict[str, int] = {}
    for labels, tensor in zip(inputs, tensors, strict=True):
        for label, size in zip(labels, tensor.shape, strict=True):
            before = sizes.setdefault(label, size)
            if size == before:
                continue
            if label.isdigit() and 1 in (size, before):
                sizes[label] = size if before == 1 else before
                continue
            where = "axes under '...'" if label.isdigit() else f"axes labelled {label!r}"
            raise ShapeError(
                f"einsum() got {where} of sizes {before} and {size} in {subscripts!r}, for operands of shapes "
                f"{', '.join(str(each.shape) for each in tensors)}. Give axes of different sizes different letters."
            )
    return sizes


def _without_repeats(term: _Term) -> _Term:
    """Take the diagonal of each label that occurs twice."""
    labels, tensor = term
    for label in dict.fromkeys(labels):
        while labels.count(label) > 1:
            first = labels.index(label)
            second = labels.index(label, first + 1)
            rest = [axis for axis in range(len(labels)) if axis not in (first, second)]
            tensor = linalg.diagonal(permute_dims(tensor, (*rest, first, second)))
            labels = "".join(labels[axis] for axis in rest) + label
    return _Term(labels, tensor)


def _broadcast(term: _Term, sizes: dict[str, int]) -> _Term:
    shape = tuple(sizes[label] for label in term.labels)
    return term if shape == term.tensor.shape else _Term(term.labels, broadcast_to(term.tensor, shape))


def _summed(term: _Term, needed: set[str]) -> _Term:
    """Sum over the axes that nothing needs any more."""
    axes = tuple(axis for axis, label in enumerate(term.labels) if label not in needed)
    if not axes:
        return term
    labels = "".join(label for label in term.labels if label in needed)
    return _Term(labels, sum(term.tensor, axis=axes, dtype=term.tensor.dtype))


def _cheapest(terms: Sequence[_Term], output: str, sizes: dict[str, int]) -> tuple[int, int]:
    """Return the pair whose product is the smallest, less what it replaces (opt_einsum's greedy cost)."""

    def size(labels: set[str]) -> int:
        result = 1
        for label in labels:
            result *= sizes[label]
        return result

    def cost(pair: tuple[int, int]) -> int:
        a, b = (set(terms[index].labels) for index in pair)
        others = (term.labels for index, term in enumerate(terms) if index not in pair)
        return size((a | b) & set(output).union(*others)) - size(a) - size(b)

    return min(combinations(range(len(terms)), 2), key=cost)


def _contract(a: _Term, b: _Term, needed: set[str]) -> _Term:
    """Multiply two terms, and sum over the labels that nothing else needs."""
    a, b = _summed(a, needed | set(b.labels)), _summed(b, needed | set(a.labels))
    shared = [label for label in a.labels if label in b.labels]
    kept = [label for label in shared if label in needed]
    summed = [label for label in shared if label not in needed]
    left = [label for label in a.labels if label not in shared]
    right = [label for label in b.labels if label not in shared]
    sizes = dict(zip(a.labels + b.labels, a.tensor.shape + b.tensor.shape, strict=True))
    x = _ordered(a, kept + left + summed)
    y = _ordered(b, kept + summed + right)

    def shape(*groups: list[str]) -> tuple[int, ...]:
        return tuple(_product(sizes[label] for label in group) for group in groups)

    batch = tuple(sizes[label] for label in kept)
    x = reshape(x, (*batch, *shape(left, summed)))
    y = reshape(y, (*batch, *shape(summed, right)))
    product = matmul(x, y) if summed else multiply(x, y)
    labels = kept + left + right
    return _Term("".join(labels), reshape(product, tuple(sizes[label] for label in labels)))


def _ordered(term: _Term, labels: Sequence[str]) -> Tensor:
    order = tuple(term.labels.index(label) for label in labels)
    return term.tensor if order == tuple(range(len(order))) else permute_dims(term.tensor, order)


def _product(sizes: Any) -> int:
    result = 1
    for size in sizes:
        result *= size
    return result
