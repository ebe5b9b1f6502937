"""The Pulumi plugin, for `pulumi package add <repository>/components`."""

from importlib.metadata import PackageNotFoundError, version

from lifecycle_demo.plugin import serve

if __name__ == "__main__":
    try:
        release = version("lifecycle-demo")
    except PackageNotFoundError:  # run from a plain checkout
        release = "0.1.0"
    serve(release)
