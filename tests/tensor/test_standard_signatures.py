"""Every function of the Array API standard takes the arguments that the standard gives it.

`standard_signatures.txt` holds the signatures of its stubs, revision 2025.12 (`src/array_api_stubs/_2025_12` of
https://github.com/data-apis/array-api at commit 5f847a38), without annotations.
"""

from __future__ import annotations

import inspect
from operator import attrgetter
from pathlib import Path

import pytest

import unifw as uf

SIGNATURES = (Path(__file__).parent / "standard_signatures.txt").read_text().splitlines()


def signature_of(line):
    """Return name and signature of a line."""
    name, _, parameters = line.replace("info__().", "info__!").partition("(")
    scope = {}
    exec(f"def function({parameters}: pass", scope)
    return name.replace("info__!", "info__()."), inspect.signature(scope["function"])


def found(name):
    """Return the function of unifw."""
    if name.startswith("Tensor."):
        return getattr(uf.Tensor, name.removeprefix("Tensor."))
    if name.startswith("__array_namespace_info__()."):
        return getattr(uf.__array_namespace_info__(), name.split(".")[1])
    return attrgetter(name)(uf)


def differences(ours, standard):
    """Return what a caller who follows the standard would stumble over."""
    positional = [each for each in standard.parameters.values() if each.kind is each.POSITIONAL_ONLY]
    own = [each for each in ours.parameters.values() if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)]
    wrong = []
    for place, each in enumerate(positional):
        if place >= len(own):
            if not any(other.kind is other.VAR_POSITIONAL for other in ours.parameters.values()):
                wrong.append(f"no position {place} for {each.name}")
        elif each.default not in (each.empty, own[place].default):
            wrong.append(f"{each.name} has default {own[place].default}, not {each.default}")
    for name, each in standard.parameters.items():
        if each.kind in (each.KEYWORD_ONLY, each.POSITIONAL_OR_KEYWORD):
            if name not in ours.parameters:
                wrong.append(f"no argument {name}")
            elif ours.parameters[name].kind is inspect.Parameter.POSITIONAL_ONLY:
                wrong.append(f"{name} cannot be named")
            elif each.default not in (each.empty, ours.parameters[name].default):
                wrong.append(f"{name} has default {ours.parameters[name].default}, not {each.default}")
        elif each.kind in (each.VAR_POSITIONAL, each.VAR_KEYWORD) and each.kind not in {
            other.kind for other in ours.parameters.values()
        }:
            wrong.append(f"no {each}")
    required = [each for each in ours.parameters.values() if each.default is each.empty and each.kind in _TAKES_ONE]
    wanted = [each for each in standard.parameters.values() if each.default is each.empty and each.kind in _TAKES_ONE]
    if len(required) > len(wanted):
        wrong.append(f"needs {[each.name for each in required]}")
    return wrong


_TAKES_ONE = (
    inspect.Parameter.POSITIONAL_ONLY,
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
    inspect.Parameter.KEYWORD_ONLY,
)


@pytest.mark.parametrize("line", SIGNATURES, ids=lambda line: line.partition("(")[0])
def test_a_call_by_the_standard_is_a_call_of_unifw(line):
    name, standard = signature_of(line)
    assert not differences(inspect.signature(found(name)), standard)
