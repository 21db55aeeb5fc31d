"""Fixtures of the tests that hold ktl against docker buildx."""

import pytest

from flags.peers import Buildx, OurTool


@pytest.fixture(scope="module")
def tools(buildkitd):
    both = OurTool(buildkitd.address), Buildx(buildkitd.address)
    yield both
    for tool in both:
        tool.close()
