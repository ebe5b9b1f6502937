"""Serves the pack to the Pulumi engine; never returns."""

from kubernetes_lifecycle.pack import serve

serve()
