"""Hosts LifecycleDemo as a Pulumi plugin, for `pulumi package add <repository>/components`."""

from importlib.metadata import PackageNotFoundError, version

from pulumi.provider.experimental import component_provider_host

from lifecycle_demo import LifecycleDemo

if __name__ == "__main__":
    try:
        release = version("lifecycle-demo")
    except PackageNotFoundError:  # run from a plain checkout
        release = "0.1.0"
    component_provider_host([LifecycleDemo], "lifecycle", version=release)
