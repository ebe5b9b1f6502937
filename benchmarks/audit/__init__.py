"""What `lifecycle audit` costs on large clusters."""
