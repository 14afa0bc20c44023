"""The tensorflow backend of unifw, found through the entry-point group `unifw.backends`."""

from unifw_tensorflow._backend import TensorflowBackend

__all__ = ["TensorflowBackend"]
