"""A live cluster, by the official client: read as plain data, page by page, and followed as it changes."""

from typing import Final

PAGE: Final = 500
"""Objects in a page of a list, as kubectl asks for."""
