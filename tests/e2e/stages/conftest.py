"""Fixtures of the tests with plugins that do what a test writes down for them."""

import pytest

from stages.puppets import ALLOW, PASSED, Puppet, Stage


@pytest.fixture
def puppet(ktl, plugins):
    """puppet(kind, where) makes one; all of them take part in `stage.build`."""
    made = []

    def make(kind, where="keeper"):
        made.append(Puppet(ktl.home, plugins, kind, where))
        if "policy" in kind:
            made[-1].says("decide", ALLOW).says("evaluate", PASSED)
        return made[-1]

    make.made = made
    return make


@pytest.fixture
def stage(ktl, puppet):
    return Stage(ktl, puppet)
