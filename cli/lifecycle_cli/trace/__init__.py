"""`lifecycle trace`: a Pod's life as it happens, and drawn."""
