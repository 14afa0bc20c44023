"""Objects as data: configurations, and the registry that turns them into objects again without executing code."""

from unifw.saving._configurable import Configurable
from unifw.saving._registry import deserialize, plain, register_serializable, registered_name, serialize

__all__ = ["Configurable", "deserialize", "plain", "register_serializable", "registered_name", "serialize"]
