"""Trains a small model with the core alone: no framework, and the oldest NumPy that is supported.

It is also what `unifw profile` measures there.
"""

from __future__ import annotations

import sys

import numpy as np

import unifw as uf
from unifw import layers

rng = np.random.default_rng(0)
x = rng.normal(size=(256, 8, 8, 1)).astype(np.float32)
y = (x.mean(axis=(1, 2, 3)) > 0).astype(np.int64)

uf.utils.set_random_seed(0)
model = uf.Sequential(
    [
        layers.Conv2D(8, 3, padding="same"),
        layers.BatchNormalization(momentum=0.9),
        layers.Activation("relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dropout(0.1),
        layers.Dense(2),
    ]
)
model.build((None, 8, 8, 1))
model.compile(
    optimizer=uf.optimizers.Adam(learning_rate=1e-2),
    loss=uf.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
batch = (x[:32], y[:32])

if __name__ == "__main__":
    expected = sys.argv[1]
    assert np.__version__ == expected, f"NumPy {np.__version__} is installed, not {expected}"
    assert uf.backend.installed() == ("numpy",), uf.backend.installed()
    history = model.fit(x, y, epochs=8, batch_size=32, verbose=2).history
    assert history["loss"][-1] < 0.5 * history["loss"][0], history["loss"]
    found = [name for name in ("torch", "tensorflow", "jax", "keras", "sklearn") if name in sys.modules]
    assert not found, found
    print(f"NumPy {np.__version__}, no framework: loss {history['loss'][0]:.3f} -> {history['loss'][-1]:.3f}")
