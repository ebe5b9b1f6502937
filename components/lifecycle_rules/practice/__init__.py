"""What works, but not well, or may not: rules of experience, and heuristics, each of which says that it is one."""

from .hooks import of_container
from .pods import of_pod

__all__ = ["of_container", "of_pod"]
