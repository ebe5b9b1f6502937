"""A live cluster, by the official client: read as plain data, page by page, and followed as it changes."""
