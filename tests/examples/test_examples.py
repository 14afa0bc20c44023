"""The examples: every backend learns the same, from the first loss on, and as well as is promised."""

from __future__ import annotations

import functools
import os
import re
import runpy
import subprocess
import sys
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

import unifw as uf

EXAMPLES = Path(__file__).parents[2] / "examples"
STEPS = 50


def digits_batches(example, size):
    """Yield the training images in their order, again and again."""
    images, labels = example["images"][example["train"]], example["labels"][example["train"]]
    starts = range(0, len(images) - size + 1, size)
    while True:
        for start in starts:
            yield images[start : start + size], labels[start : start + size]


BATCHES = {
    "digits_mlp": lambda example: digits_batches(example, 64),
    "digits_cnn": lambda example: digits_batches(example, 32),
    "char_gpt": lambda example: example["batches"](),
}


@functools.cache
def first_losses(name, backend_name):
    """The losses of the first training steps of an example, each on a batch of its own."""
    with uf.use_backend(backend_name):
        example = runpy.run_path(str(EXAMPLES / f"{name}.py"))
        batches = islice(BATCHES[name](example), STEPS)
        return np.asarray([example["model"].train_on_batch(*batch, return_dict=True)["loss"] for batch in batches])


@pytest.mark.parametrize("name", BATCHES)
def test_the_first_fifty_losses_agree_across_backends(name, backend):
    losses, reference = first_losses(name, backend.name), first_losses(name, "numpy")
    assert len(losses) == STEPS
    assert losses[-10:].mean() < 0.8 * losses[:10].mean()  # it learns, so there is something to agree on
    np.testing.assert_allclose(losses, reference, rtol=1e-4)


def run_example(name, backend, *arguments):
    """Run an example as a user does, and return what it prints."""
    finished = subprocess.run(
        [sys.executable, EXAMPLES / f"{name}.py", *arguments],
        env={**os.environ, "UNIFW_BACKEND": backend.name, "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


@pytest.mark.parametrize(("name", "least"), [("digits_mlp", 95), ("digits_cnn", 97)])
def test_digits_are_recognised(name, least, backend):
    printed = run_example(name, backend)
    found = re.search(r"test accuracy ([\d.]+)%", printed)
    assert found is not None, printed
    assert float(found[1]) >= least, printed


def test_the_language_model_learns_and_writes(backend):
    printed = run_example("char_gpt", backend, "--epochs", "1")
    losses = [float(loss) for loss in re.findall(r"loss: ([\d.]+)", printed)]
    assert losses[-1] < 2.9, printed  # 4.6 is chance; the frequencies of single characters give 3.2
    _, _, written = printed.partition("after 200 steps:\n")
    assert written.startswith("The ")
    assert len(written) > 300
