"""Reads a live cluster with the official client, as plain data and page by page, and follows its changes."""

from typing import Final

PAGE: Final = 500
"""Objects in a page of a list, as kubectl asks for."""
