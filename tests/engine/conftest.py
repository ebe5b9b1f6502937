"""Each test has a checkout of its own."""

import os
import shutil
from pathlib import Path

import pytest

from tests.engine.checkout import Checkout


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


@pytest.fixture
def official(checkout: Checkout) -> Checkout:
    """The checkout of a user who has the official Python language host."""
    host = shutil.which("pulumi-language-python")
    if not host:
        pytest.skip("needs the official pulumi-language-python on PATH")
    checkout.env["PATH"] += os.pathsep + str(Path(host).parent)
    return checkout
