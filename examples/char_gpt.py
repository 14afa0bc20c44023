"""A small decoder-only transformer that learns to write English, character by character.

The text is the documentation that ships with Python (`pydoc_data.topics`, about 700 kB). Train it on any backend::

    UNIFW_BACKEND=jax python examples/char_gpt.py

or compare the backends with ``unifw profile examples/char_gpt.py``, which uses `model` and `batch` below.
"""

from __future__ import annotations

import argparse
import pydoc_data.topics
from collections.abc import Iterator

import numpy as np

import unifw as uf
from unifw import layers

CONTEXT, WIDTH, HEADS, BLOCKS, BATCH = 64, 64, 4, 2, 16

text = "\n".join(pydoc_data.topics.topics[name] for name in sorted(pydoc_data.topics.topics))
alphabet = sorted(set(text))
codes = np.asarray([alphabet.index(character) for character in text], np.int32)


@uf.saving.register_serializable("examples")
class Block(layers.Layer):
    """Attention and a two-layer network, each behind a normalisation and beside a shortcut.

    Args:
        width: size of the representation.
        heads: number of attention heads.
        dropout: rate on both results.
    """

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.attention_norm = layers.LayerNormalization(epsilon=1e-5)
        self.attention = layers.MultiHeadAttention(heads, width // heads)
        self.network_norm = layers.LayerNormalization(epsilon=1e-5)
        self.network = uf.Sequential([layers.Dense(4 * width, activation="gelu"), layers.Dense(width)])
        self.dropout = layers.Dropout(dropout)

    def call(self, x: uf.Tensor) -> uf.Tensor:
        """Return (batch, length, width)."""
        y = self.attention_norm(x)
        x = x + self.dropout(self.attention(y, y, use_causal_mask=True))
        return x + self.dropout(self.network(self.network_norm(x)))


@uf.saving.register_serializable("examples")
class CharGPT(uf.Model):
    """Characters in, logits of the next character out.

    Args:
        characters: size of the alphabet.
        context: longest text it can see.
        width: size of the representation.
        heads: number of attention heads.
        blocks: number of blocks.
        dropout: rate in the blocks.
    """

    def __init__(
        self, characters: int, context: int, width: int, heads: int, blocks: int, dropout: float = 0.1
    ) -> None:
        super().__init__()
        self.tokens = layers.Embedding(characters, width)
        self.positions = layers.Embedding(context, width)
        self.blocks = [Block(width, heads, dropout) for _ in range(blocks)]
        self.norm = layers.LayerNormalization(epsilon=1e-5)
        self.head = layers.Dense(characters)

    def call(self, x: uf.Tensor) -> uf.Tensor:
        """Return (batch, length, characters) for integers (batch, length)."""
        x = self.tokens(x) + self.positions(uf.arange(x.shape[1]))
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


def batches(seed: int = 0) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield random pieces of the text, and the same pieces one character later."""
    random = np.random.default_rng(seed)
    while True:
        starts = random.integers(0, len(codes) - CONTEXT - 1, BATCH)
        pieces = np.stack([codes[start : start + CONTEXT + 1] for start in starts])
        yield pieces[:, :-1], pieces[:, 1:]


def sample(model: CharGPT, prompt: str, length: int, temperature: float = 0.8, seed: int = 0) -> str:
    """Continue a prompt, one character at a time."""
    random = np.random.default_rng(seed)
    written = [alphabet.index(character) for character in prompt]
    for _ in range(length):
        window = written[-CONTEXT:]
        padded = np.asarray([window + [0] * (CONTEXT - len(window))], np.int32)  # one shape: compiled once
        logits = model.predict_on_batch(padded)[0, len(window) - 1].astype(np.float64) / temperature
        chances = np.exp(logits - logits.max())
        written.append(int(random.choice(len(alphabet), p=chances / chances.sum())))
    return "".join(alphabet[code] for code in written)


uf.utils.set_random_seed(0)
model = CharGPT(len(alphabet), CONTEXT, WIDTH, HEADS, BLOCKS)
model.build({"shape": (None, CONTEXT), "dtype": "int32"})
model.compile(
    optimizer=uf.optimizers.AdamW(3e-3, weight_decay=0.01, global_clipnorm=1.0),
    loss=uf.losses.SparseCategoricalCrossentropy(from_logits=True),
)
batch = next(batches())

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=4, help="of 200 training steps each (default: 4)")
    epochs = parser.parse_args().epochs
    model.summary()
    model.fit(batches(), epochs=epochs, steps_per_epoch=200, verbose=2)
    print(f"{model.backend.name}, after {200 * epochs} steps:\n{sample(model, 'The ', 300)}")
