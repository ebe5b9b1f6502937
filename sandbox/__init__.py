"""A throw-away single-node Kubernetes and a Pulumi engine for it, of official parts."""
