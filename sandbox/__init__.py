"""A throw-away single-node Kubernetes, and what stands in where official parts are not there."""
