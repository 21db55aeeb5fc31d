"""Builds at the same time, or one after another, whose steps are the same and whose fences are not: what one
may fetch does not come into the other, although the builder runs one step for both."""

import itertools
import secrets
import shutil
import time

import pytest

from escapes.machine import OUTSIDE, Inhabitant

ALLOWED, OTHER = f"--allow-network={OUTSIDE}:82", f"--allow-network={OUTSIDE}:8080"
DOCKERFILE = """FROM scratch AS base
COPY busybox fetch /
RUN ["/busybox", "sh", "/fetch"]
FROM scratch
COPY --from=base /got* /
"""
# {word} makes it a step that no test before has run.
FETCH = """echo {word}; /busybox sleep {seconds}
where=${{http_proxy#*://}} where=${{where%/}} where=${{where:-{url}}}
{{ printf 'GET http://{url}/ HTTP/1.1\\r\\nHost: {url}\\r\\nConnection: close\\r\\n\\r\\n'; /busybox sleep 2; }} |
  /busybox nc -w 5 "${{where%:*}}" "${{where##*:}}" > /got
exit 0
"""


@pytest.fixture(scope="module")
def user(machine):
    made = Inhabitant(machine)
    assert made.run("builder", "start").code == 0
    yield made
    made.close()


@pytest.fixture
def context(tmp_path):
    folder = tmp_path / "context"
    folder.mkdir()
    shutil.copy("/bin/busybox", folder)

    def write(seconds):
        (folder / "Dockerfile").write_text(DOCKERFILE)
        (folder / "fetch").write_text(FETCH.format(word=secrets.token_hex(8), seconds=seconds, url=f"{OUTSIDE}:82"))
        return folder

    return write


def start(user, folder, out, flags):
    return user.start("build", folder, "--progress", "plain", "--output", f"type=local,dest={out}", *flags)


def got(machine, out):
    return machine.stolen("".join(path.read_text(errors="replace") for path in out.glob("got*")))


def ended(machine, process, out):
    """(exit code, the nonces in the result, all that was said)"""
    said = "".join(process.communicate(timeout=120))
    return process.returncode, got(machine, out), said


@pytest.mark.parametrize("first, second", [
    ((ALLOWED,), (OTHER,)), ((OTHER,), (ALLOWED,)), ((), (OTHER,)), ((OTHER,), ()), ((ALLOWED,), ("--hermetic",)),
    ((), ("--hermetic",)), (("--hermetic",), ())], ids=lambda flags: "".join(flags)[-5:] or "open")
def test_at_once(machine, user, context, tmp_path, first, second):
    folder = context(3)
    builds = {}
    for flags in (first, second):
        out = tmp_path / f"out{len(builds)}"
        builds[flags] = (start(user, folder, out, flags), out)
        time.sleep(1)
    for flags, (process, out) in builds.items():
        code, nonces, said = ended(machine, process, out)
        assert code in (0, 3), said
        assert bool(nonces) == (flags in ((ALLOWED,), ())), said


@pytest.mark.parametrize("first, second", itertools.product([(ALLOWED,), ()], [(OTHER,), ("--hermetic",)]),
                         ids=lambda flags: "".join(flags)[-5:] or "open")
def test_one_after_another(machine, user, context, tmp_path, first, second):
    folder = context(0)
    code, nonces, said = ended(machine, start(user, folder, tmp_path / "first", first), tmp_path / "first")
    assert code == 0 and nonces == ["unlisted"], said
    code, nonces, said = ended(machine, start(user, folder, tmp_path / "second", second), tmp_path / "second")
    assert code in (0, 3) and not nonces, said
