"""A multilayer perceptron on scikit-learn's handwritten digits, as in every Keras tutorial.

Train it on any backend::

    UNIFW_BACKEND=jax python examples/digits_mlp.py

or compare the backends with ``unifw profile examples/digits_mlp.py``, which uses `model` and `batch` below.
"""

from __future__ import annotations

import numpy as np
from sklearn.datasets import load_digits

import unifw as uf
from unifw.layers import Dense, Input
from unifw.models import Sequential

images, labels = load_digits(return_X_y=True)
images = (images / 16).astype(np.float32)
order = np.random.default_rng(0).permutation(len(images))
test, train = order[:360], order[360:]

uf.utils.set_random_seed(0)
model = Sequential(
    [
        Input((64,)),
        Dense(128, activation="relu"),
        Dense(64, activation="relu"),
        Dense(10, activation="softmax"),
    ]
)
model.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
batch = (images[train[:64]], labels[train[:64]])

if __name__ == "__main__":
    model.summary()
    model.fit(images[train], labels[train], epochs=20, batch_size=64, validation_split=0.1, verbose=2)
    loss, accuracy = model.evaluate(images[test], labels[test])
    print(f"{model.backend.name}: test loss {loss:.4f}, test accuracy {accuracy:.2%}")
