"""Small helpers with Keras' names."""

from unifw.utils._messages import unknown_name
from unifw.utils._ranks import as_predicted, asarray_like, label_tensors, same_rank
from unifw.utils._seed import next_key, set_random_seed

__all__ = ["as_predicted", "asarray_like", "label_tensors", "next_key", "same_rank", "set_random_seed", "unknown_name"]
