"""Small helpers with Keras' names."""

from unifw.utils._messages import unknown_name
from unifw.utils._seed import next_key, set_random_seed

__all__ = ["next_key", "set_random_seed", "unknown_name"]
