"""What `lifecycle_rules.check` costs: on many objects, on long scripts, and beside kube-score."""
