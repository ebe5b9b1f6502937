"""What works, but not well, or may not: rules of experience, and heuristics, each of which says that it is one."""

from .hook import Tables
from .hooks import of_container
from .pods import of_pod

__all__ = ["Tables", "of_container", "of_pod"]
