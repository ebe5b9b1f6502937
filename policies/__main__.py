"""Serves the pack to the Pulumi engine; never returns."""

from pack import serve

serve()
