"""The command `lifecycle`: the rules and a team's policies for manifests in files, without Pulumi."""


def version() -> str:
    """The distribution's, or `0.0.0` in a checkout that is not installed."""
    from importlib.metadata import PackageNotFoundError, version  # takes a tenth of a small check's time

    try:
        return version("lifecycle-cli")
    except PackageNotFoundError:
        return "0.0.0"
