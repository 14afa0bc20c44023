"""The torch backend of unifw, found through the entry-point group `unifw.backends`."""

from unifw_torch._backend import TorchBackend

__all__ = ["TorchBackend"]
