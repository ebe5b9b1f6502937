"""A stand-in for the official Kubernetes resource provider plugin, for machines that cannot get it.

It serves every kind the cluster knows. It does not do Helm, Kustomize, YAML files, Patch resources,
rendering to a directory or functions; each of those ends in an error that says so.
"""
