import os

import pytest

from escapes.machine import Machine
from rig.process import Daemon, program


@pytest.fixture(scope="session")
def machine():
    if os.getuid():
        pytest.skip("makes network namespaces, disks and keys: run the tests as root")
    made = Machine()
    yield made
    made.close()


@pytest.fixture(scope="session")
def buildkitd_of_host(machine):
    """A daemon on the machine without any jail, which grants everything."""
    folder = machine.folder / "daemon"
    folder.mkdir()
    address = f"unix://{folder}/sock"
    config = folder / "buildkitd.toml"
    config.write_text('insecure-entitlements = ["security.insecure", "network.host"]\n')
    daemon = Daemon(machine.inside([program("buildkitd", "build/libexec/ktl/buildkitd"), "--config",
                                    config, "--root", folder / "root", "--addr", address,
                                    "--oci-worker-binary", program("runc")]),
                    folder / "log", (folder / "sock").exists)
    yield address
    daemon.stop()
