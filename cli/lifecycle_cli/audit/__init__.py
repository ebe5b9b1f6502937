"""`lifecycle audit`: the hooks in a live cluster, what they leave of the grace period, and which ones failed."""
