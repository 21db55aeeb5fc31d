"""The commands of the documents run with the rig of the end-to-end tests."""

import pathlib
import shutil

import pytest

from rig.buildkit import Buildkitd
from rig.ktl import Ktl
from rig.process import ROOT
from rig.registry import Registry


@pytest.fixture(scope="session")
def registry():
    made = Registry()
    yield made
    made.close()


@pytest.fixture(scope="session")
def buildkitd(registry):
    made = Buildkitd([registry.host])
    yield made
    made.close()


@pytest.fixture
def reader(buildkitd, tmp_path):
    """A user who reads the documents: in a copy of what they name, their builder is `buildkitd`."""
    user = Ktl()
    user.folder = pathlib.Path(tmp_path)
    user.env["BUILDKIT_HOST"] = buildkitd.address
    shutil.copytree(ROOT / "examples", user.folder / "examples")
    shutil.copy("/bin/busybox", user.folder / "examples/hello/busybox")
    (user.folder / "build").symlink_to(ROOT / "build")
    yield user
    user.close()
