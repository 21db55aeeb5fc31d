"""One base image for all projects; indexes that a test may stop."""

import pytest

from locked import world


@pytest.fixture(scope="session")
def workshop(registry):
    """(name, digest) of an image with pip and npm."""
    return world.push_workshop(registry)


@pytest.fixture
def index():
    one = world.Index()
    yield one
    one.close()
