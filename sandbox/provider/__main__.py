"""`python -m sandbox.provider ENGINE_ADDRESS`, as the engine starts a resource plugin."""

import argparse
from importlib.metadata import version

from sandbox.provider.server import serve


def main() -> None:
    parser = argparse.ArgumentParser(prog="pulumi-resource-kubernetes", description=__doc__)
    parser.add_argument("engine", nargs="?", default="", help="address of the engine's own gRPC server")
    known, _ = parser.parse_known_args()  # the engine may add flags for logging and tracing
    serve(version("pulumi-kubernetes"), known.engine)


if __name__ == "__main__":
    main()
