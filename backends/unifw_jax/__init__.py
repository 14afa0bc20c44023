"""The jax backend of unifw, found through the entry-point group `unifw.backends`."""

from unifw_jax._backend import JaxBackend as JaxBackend
