"""The attempts at what belongs to an ordinary user, whose builder and worker have other jails than root's:
a sample of the modes, each class of attempts at least once."""

import pytest

from escapes import places
from escapes.attempts import DAEMON, RUN, WORKER
from escapes.commoner import BECOME, Belongings, Commoner
from escapes.test_attempts import CLIENTS, STEPS, builder_of, got_out, succeeded
from rig.process import program
from rig.spare_user import why_not

pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not())
BY_NAME = {mode.name: mode for mode in (*STEPS, *CLIENTS)}
NSJAIL, BWRAP = (), ("--sandbox-bin", program("bwrap"))
# Classes that need root's rights or root's belongings, whoever's fence it is.
ROOTS = {"mounts", "kernel settings", "cgroups", "setuid", "other users", "raw sockets"}


@pytest.fixture(scope="module")
def folder(machine):
    made = machine.folder / "commons"
    made.mkdir()
    return made


@pytest.fixture(scope="module")
def user(machine, folder):
    belongings = Belongings(machine)
    made = Commoner(machine)
    made.env["PATH"] = f"{places.runtime(folder / 'runtime')}:{made.env['PATH']}"
    yield made
    made.close()
    belongings.close()


def check(machine, place, mode, results):
    found = got_out(machine, place, mode, results)
    assert not found, found


def test_each_class_succeeds_without_a_fence(machine, user, folder):
    tried = places.from_nowhere(machine, user.folder(folder / "nowhere"), *BECOME)
    found = succeeded(machine, tried)
    missing = {attempt.kind for attempt in places.ATTEMPTS} - {attempt.kind for attempt in found}
    assert missing <= ROOTS, {attempt.name: tried.get(attempt.name) for attempt in places.ATTEMPTS
                              if attempt.kind in missing - ROOTS}


@pytest.mark.parametrize("name", ["plain", "allowlist"])
def test_from_a_run_step(machine, user, folder, name):
    args, _ = builder_of(user, BY_NAME[name])
    results = places.from_run(machine, user, user.folder(folder / f"run-{name}"), *args)
    check(machine, RUN, BY_NAME[name], results)


def test_from_the_daemons_place(machine, user, folder):
    args, state = builder_of(user, BY_NAME["plain"])
    results = places.from_daemon(machine, user, user.folder(folder / "daemon"), state["state"], *args)
    check(machine, DAEMON, BY_NAME["plain"], results)


@pytest.mark.parametrize("runtime", [NSJAIL, BWRAP], ids=["nsjail", "bwrap"])
@pytest.mark.parametrize("name", ["linux-ci", "ktl-hermetic"])
def test_from_the_workers_place(machine, user, folder, name, runtime):
    mode = BY_NAME[name]
    place = user.folder(folder / f"worker-{name}-{len(runtime)}")
    check(machine, WORKER, mode,
          places.from_worker(machine, user, place, *user.flags(mode), *runtime))
