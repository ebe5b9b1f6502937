"""`lifecycle audit`: the hooks of a live cluster's workloads, what they leave of the grace period, and what failed."""
