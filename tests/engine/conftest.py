"""Each test has a checkout of its own."""

from pathlib import Path

import pytest

from tests.engine.checkout import Checkout


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)
