"""Prints docs/rules.md."""

from .page import page

print(page(), end="")
