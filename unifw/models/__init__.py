"""Models: layers that can be trained, with the names of `keras.Model` and `keras.Sequential`."""

from unifw.models._checkpoint import load
from unifw.models._model import Model
from unifw.models._sequential import Sequential
from unifw.saving import register_serializable

load_model = load  # Keras' name

register_serializable("unifw")(Sequential)

__all__ = ["Model", "Sequential", "load", "load_model"]
