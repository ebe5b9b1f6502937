"""A throw-away single-node Kubernetes and a Pulumi engine for it, built from official parts."""
