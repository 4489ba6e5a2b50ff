"""The raw files, read once per session."""

import pytest

from .raw import Raw


@pytest.fixture(scope="session")
def raw() -> Raw:
    return Raw()
