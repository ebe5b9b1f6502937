"""`python -m lifecycle_cli` is the command `lifecycle`."""

from .main import run

run()
