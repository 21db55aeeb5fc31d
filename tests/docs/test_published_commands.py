"""The sandbox commands that users have read about, as they were printed: in a project with a copy of
the checkout's sandbox/ and testdata/, `ktl` and a wrapper of nsjail in /usr/local/bin, seen by the
commands alone. What is not built yet has to say so."""

import os
import shutil
import subprocess

import pytest

from rig.ktl import KTL, Ktl
from rig.process import ROOT, program

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="needs root, to mount over /usr/local/bin")
NSJAIL = program("nsjail", "build/libexec/ktl/nsjail")
SHOWCASE = """
ktl build sandbox doctor \\
  --sandbox-bin /usr/local/bin/nsjail-oldmnt \\
  --sandbox-config sandbox/linux-ci.cfg

ktl build testdata/build/dockerfiles/basic \\
  -t local/ktl-sandbox-demo:latest \\
  --sandbox \\
  --sandbox-bin /usr/local/bin/nsjail-oldmnt \\
  --sandbox-config sandbox/linux-ci.cfg \\
  --sandbox-bind-home \\
  --sandbox-logs \\
  --output logs
"""
# Not as printed: the syntax line and alpine, which would be fetched from outside.
SCENARIO = """
command -v nsjail
export KTL_SANDBOX_CONFIG="$(pwd)/testdata/sandbox/linux-ci.cfg"
mkdir -p /tmp/ktl-sandbox-demo
cat > /tmp/ktl-sandbox-demo/Dockerfile <<'EOF'
FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
RUN mkdir /tmp

# This step is intentionally benign: it *tries* to read a host file via a host bind-mount.
# On a permissive/rootful builder, it may succeed and print host data.
# Inside the ktl sandbox, it should either fail or show sandbox-local data.
RUN --mount=type=bind,src=/etc,readwrite=false,target=/host-etc \\
  ls -la /host-etc >/tmp/host_etc_listing.txt || true

RUN cat /tmp/host_etc_listing.txt
EOF
cp /bin/busybox /tmp/ktl-sandbox-demo; mkdir /tmp/ktl-sandbox-demo/etc
"""
# (name, text, what it says, its exit code)
COMMANDS = [
    ("showcase-1", SHOWCASE, "Running ktl build inside the sandbox", 0),
    ("showcase-1-logs", SHOWCASE, "[sandbox] ", 0),
    ("scenario-without", SCENARIO + "KTL_SANDBOX_DISABLE=1 ./bin/ktl build /tmp/ktl-sandbox-demo",
     "KTL_SANDBOX_DISABLE", 0),
    ("scenario-with", SCENARIO + "./bin/ktl build /tmp/ktl-sandbox-demo",
     "Running ktl build inside the sandbox", 0),
    ("scenario-logs", SCENARIO + "./bin/ktl build /tmp/ktl-sandbox-demo --sandbox-logs", "[sandbox] ", 0),
    ("scenario-demo", 'export KTL_SANDBOX_CONFIG="$(pwd)/testdata/sandbox/linux-ci.cfg"\n'
     "./scripts/sandbox-demo.sh", "PASS sandbox-hides", 0),
    ("hermetic", "ktl build . --hermetic --sandbox-config sandbox/linux-ci.cfg --sandbox --sandbox-logs",
     "Running ktl build inside the sandbox", 0),
    ("probe", "ktl build . --sandbox --sandbox-config sandbox/linux-ci.cfg "
     "--sandbox-probe-path /etc/shadow --sandbox-logs", "/etc/shadow: hidden", 0),
    ("bind", "ktl build . --sandbox --sandbox-config sandbox/linux-ci.cfg "
     "--sandbox-bind $HOME/.docker/config.json:/workspace/.docker/config.json", "config.json", 0),
    ("logs", "ktl build . --sandbox --sandbox-config sandbox/linux-ci.cfg --sandbox-logs --output logs",
     "[sandbox] ", 0),
    ("strict", 'export TORQUE_SANDBOX_CONFIG="$(pwd)/sandbox/linux-strict.cfg"\ntorque build . \\\n'
     "  --tag ghcr.io/acme/api:secure \\\n  --sandbox \\\n  --sandbox-logs \\\n"
     "  --sandbox-probe-path /var/run/docker.sock \\\n  --authfile ./tmp/docker-config.json",
     "/var/run/docker.sock: hidden", 0),
    ("doctor", "torque build sandbox doctor --context .", "PASS", 0),
    ("torque", "torque build . --sandbox --sandbox-config sandbox/linux-ci.cfg --sandbox-logs",
     "[sandbox] ", 0),
    ("prove-isolation", "ktl sandbox exec -- stat /etc/shadow", "No such file", 1),
]
# In a mount namespace of its own.
PLACE = 'mount --bind "$1" /usr/local/bin; mount --bind "$2" /tmp/ktl-sandbox-demo; cd "$3"; exec bash -euo pipefail -c "$4"'


@pytest.fixture
def reader(tmp_path):
    user = Ktl()
    user.folder, user.programs, user.demo = (tmp_path / name for name in ("project", "bin", "demo"))
    for folder in (user.folder, user.programs, user.demo, user.folder / "tmp", user.home / ".docker"):
        folder.mkdir()
    for name in ("sandbox", "testdata", "scripts"):
        shutil.copytree(ROOT / name, user.folder / name, symlinks=False)
    (user.folder / "bin").mkdir()
    for name in ("ktl", "torque"):
        (user.programs / name).symlink_to(KTL)
    (user.folder / "bin/ktl").write_text('#!/bin/sh\nexec /usr/local/bin/ktl "$@"\n')
    (user.folder / "bin/ktl").chmod(0o755)
    shutil.copy("/bin/busybox", user.folder / "testdata/build/dockerfiles/basic")
    (user.folder / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /\n")
    for path in (user.home / ".docker/config.json", user.folder / "tmp/docker-config.json"):
        path.write_text("{}")
    for name in ("nsjail", "nsjail-oldmnt"):
        wrapper = user.programs / name
        wrapper.write_text(f'#!/bin/sh\nexec {NSJAIL} "$@"\n')
        wrapper.chmod(0o755)
    yield user
    user.close()


def rows():
    for name, *row in COMMANDS:
        yield pytest.param(name, *row, id=name)


@pytest.mark.parametrize("name, text, said, code", rows())
def test_the_command(reader, name, text, said, code):
    os.makedirs("/tmp/ktl-sandbox-demo", exist_ok=True)
    done = subprocess.run(["unshare", "--mount", "--propagation", "private", "sh", "-ec", PLACE, "sh",
                           reader.programs, reader.demo, reader.folder, text],
                          env={**reader.env, "PATH": "/usr/local/bin:" + reader.env["PATH"]},
                          capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == code, f"{text}\n{done.stdout}\n{done.stderr}"
    assert said in done.stdout + done.stderr
    os.rmdir("/tmp/ktl-sandbox-demo")
