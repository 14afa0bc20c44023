"""A convolutional network on scikit-learn's handwritten digits.

Train it on any backend::

    UNIFW_BACKEND=torch python examples/digits_cnn.py

or compare the backends with ``unifw profile examples/digits_cnn.py``, which uses `model` and `batch` below.
"""

from __future__ import annotations

import numpy as np
from sklearn.datasets import load_digits

import unifw as uf
from unifw import layers

images, labels = load_digits(return_X_y=True)
images = (images / 16).astype(np.float32).reshape(-1, 8, 8, 1)
order = np.random.default_rng(0).permutation(len(images))
test, train = order[:360], order[360:]


@uf.saving.register_serializable("examples")
class DigitsCNN(uf.Model):
    """Two blocks of convolution, batch normalisation and pooling, then a classifier.

    Every function in it is smooth, so that backends which round differently still agree after many steps: `relu` and
    maximum pooling choose, now and then between two values that are equal to the last bit (docs/numerics.md).

    Args:
        classes: number of classes.
    """

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.body = uf.Sequential(
            [
                layers.Conv2D(32, 3, padding="same", use_bias=False),
                layers.BatchNormalization(momentum=0.9),
                layers.Activation("silu"),
                layers.AveragePooling2D(2),
                layers.Conv2D(64, 3, padding="same", use_bias=False),
                layers.BatchNormalization(momentum=0.9),
                layers.Activation("silu"),
                layers.AveragePooling2D(2),
                layers.Flatten(),
                layers.Dropout(0.3),
            ]
        )
        self.head = layers.Dense(classes)

    def call(self, x: uf.Tensor, training: bool = False) -> uf.Tensor:
        """Return logits, (batch, classes), for images (batch, height, width, channels)."""
        return self.head(self.body(x, training=training))


uf.utils.set_random_seed(0)
model = DigitsCNN()
model.build((None, 8, 8, 1))
model.compile(
    optimizer=uf.optimizers.Adam(2e-3),
    loss=uf.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
batch = (images[train[:32]], labels[train[:32]])

if __name__ == "__main__":
    model.summary()
    model.fit(images[train], labels[train], epochs=8, batch_size=32, verbose=2)
    loss, accuracy = model.evaluate(images[test], labels[test])
    print(f"{model.backend.name}: test loss {loss:.4f}, test accuracy {accuracy:.2%}")
