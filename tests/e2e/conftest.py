"""Fixtures of the end-to-end tests: the real program, a real BuildKit, real registries."""

import pathlib
import shutil
import signal

import pytest

from rig import images
from rig.buildkit import Buildkitd
from rig.ktl import Ktl
from rig.plugins import build_plugins
from rig.registry import Registry, basic_registry, token_registry
from rig.tokens import TokenServer

# A shell ignores it for what runs in the background, and so would every program started here.
signal.signal(signal.SIGINT, signal.default_int_handler)


def closing(thing):
    yield thing
    thing.close()


@pytest.fixture(scope="session")
def registry():
    """Anybody may read and write; `registry.requests()` is what it saw."""
    yield from closing(Registry())


@pytest.fixture
def fresh_registry():
    """One registry for this test alone: what it saw was this test's doing."""
    yield from closing(Registry())


@pytest.fixture(scope="session")
def basic_auth_registry():
    yield from closing(basic_registry())


@pytest.fixture(scope="session")
def token_server():
    yield from closing(TokenServer())


@pytest.fixture(scope="session")
def token_auth_registry(token_server):
    yield from closing(token_registry(token_server))


@pytest.fixture(scope="session")
def buildkitd(registry):
    """One daemon for all tests; its cache is warm or not, as the tests before left it."""
    yield from closing(Buildkitd([registry.host]))


@pytest.fixture
def fresh_buildkitd(registry):
    """A daemon without any state, for this test alone."""
    yield from closing(Buildkitd([registry.host]))


@pytest.fixture
def ktl(buildkitd):
    """ktl as a user of their own, with `buildkitd` as the builder."""
    yield from closing(Ktl(buildkitd.address))


@pytest.fixture
def lone_ktl():
    """ktl without a named builder: `auto` ends in the private one."""
    yield from closing(Ktl())


@pytest.fixture(scope="session")
def busybox(registry):
    """The name of a busybox image in `registry`."""
    return images.push_busybox(registry)


@pytest.fixture(scope="session")
def frontend(registry):
    """The name of BuildKit's Dockerfile frontend in `registry`, for `# syntax=`."""
    return images.push_frontend(registry)


@pytest.fixture(scope="session")
def plugins():
    """The folder of tests/e2e/plugins, built from the SDK alone."""
    folder = build_plugins()
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def context(tmp_path):
    """context(dockerfile, {name: text or bytes}) writes a folder with a static busybox in it."""

    def write(dockerfile, files=None, name="context"):
        folder = pathlib.Path(tmp_path) / name
        folder.mkdir()
        shutil.copy("/bin/busybox", folder / "busybox")
        (folder / "Dockerfile").write_text(dockerfile)
        for path, content in (files or {}).items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            data = content if isinstance(content, bytes) else content.encode()
            (folder / path).write_bytes(data)
        return folder

    return write
