"""The Kubernetes page's own check: the Pod runs, and its postStart handler has left what it should."""
