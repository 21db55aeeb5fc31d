"""No attempt of the table gets a nonce out of the machine: from a RUN step, from a process in the
daemon's place, and from one in the worker's. On the machine itself they do."""

import dataclasses
import pathlib

import pytest

from escapes import places
from escapes.attempts import ATTEMPTS, DAEMON, RUN, WORKER
from escapes.machine import OUTSIDE, Inhabitant
from rig.process import ROOT

LISTED = f"{OUTSIDE}:8080"
OUT = frozenset({"outside"})
EVERYWHERE = frozenset({"abstract", "loopback", "own", "metadata", "outside", "outside6"})


@dataclasses.dataclass(frozen=True)
class Mode:
    """`network`: of a builder that is started by hand; `flags`: of `ktl build` or `ktl sandbox
    exec`; `opened`: what of the network is open by intent."""

    name: str
    network: str = ""
    flags: tuple = ()
    opened: frozenset = frozenset()

    def __str__(self):
        return self.name


STEPS = [
    Mode("plain", opened=OUT),
    Mode("no-network", network="none"),
    Mode("listed-network", network=f"allow:{LISTED}"),
    Mode("hermetic", flags=("--hermetic",)),
    Mode("allowlist", flags=("--hermetic", f"--allow-network={LISTED}")),
]
CLIENTS = [
    Mode("linux-ci", opened=EVERYWHERE),
    Mode("linux-strict", flags=("--sandbox-config", str(ROOT / "sandbox/linux-strict.cfg")),
         opened=EVERYWHERE),
    Mode("ktl-hermetic", flags=("--sandbox-config", str(ROOT / "sandbox/ktl-hermetic.cfg"))),
]


@pytest.fixture(scope="module")
def folder(machine):
    made = machine.folder / "attempts"
    made.mkdir()
    return made


@pytest.fixture(scope="module")
def user(machine, folder):
    """Their builders' runtime is the one that makes the attempts."""
    made = Inhabitant(machine)
    made.env["PATH"] = f"{places.runtime(folder / 'runtime')}:{made.env['PATH']}"
    yield made
    made.close()


def succeeded(machine, results):
    found = {attempt: got for attempt in ATTEMPTS if attempt.name in results
             if (got := places.success(machine, attempt.name, results[attempt.name]))}
    places.sweep(machine)
    return found


def builder_of(user, mode):
    """The arguments that choose it, and its state; skips where the program does not know the mode."""
    known = user.run("build", ".", "--print=request", *mode.flags)
    if known.code == 2 and "not built yet" in known.err:
        pytest.skip(f"{mode.flags}: {known.err.strip()}")
    network = ("--network", mode.network) if mode.network else ()
    assert user.run("builder", "start", *network).code == 0
    state = user.run("builder", "inspect", "--json", *network).json()
    return (("--builder", state["address"]) if mode.network else mode.flags), state


def unexpected(machine, mode, results):
    return {str(attempt): got for attempt, got in succeeded(machine, results).items()
            if attempt.net not in mode.opened}


def test_there_are_enough():
    assert len(ATTEMPTS) >= 60 and len({attempt.name for attempt in ATTEMPTS}) == len(ATTEMPTS)


def test_each_succeeds_without_a_fence(machine, user, folder):
    tried = places.from_nowhere(machine, folder)
    failed = sorted(set(tried) - {attempt.name for attempt in succeeded(machine, tried)})
    assert not failed, {name: tried[name] for name in failed}
    kinds = {attempt.kind for attempt in ATTEMPTS}
    assert kinds - {attempt.kind for attempt in ATTEMPTS if attempt.bare} <= {"setuid"}


@pytest.mark.parametrize("mode", STEPS, ids=str)
def test_from_a_run_step(machine, user, folder, mode):
    args, _ = builder_of(user, mode)
    results = places.from_run(machine, user, folder / f"run-{mode}", *args)
    assert len(results) == sum(RUN in attempt.places for attempt in ATTEMPTS)
    assert unexpected(machine, mode, results) == {}
    if mode.opened:  # the network is there, so what was refused was refused by the fence
        assert places.success(machine, "outside", results["outside"]) == ["outside"]


@pytest.mark.parametrize("mode", STEPS, ids=str)
def test_from_the_daemons_place(machine, user, folder, mode):
    args, state = builder_of(user, mode)
    place = folder / f"daemon-{mode}"
    place.mkdir()
    results = places.from_daemon(machine, user, place, state["state"], *args)
    assert len(results) == sum(DAEMON in attempt.places for attempt in ATTEMPTS)
    assert unexpected(machine, mode, results) == {}
    assert machine.nonces["mark"] not in places.by_nobody(machine, [user.home, "/tmp", "/dev/shm"])


@pytest.mark.parametrize("mode", CLIENTS, ids=str)
def test_from_the_workers_place(machine, user, folder, mode):
    place = folder / f"worker-{mode}"
    place.mkdir()
    results = places.from_worker(machine, user, place, *mode.flags)
    assert len(results) == sum(WORKER in attempt.places for attempt in ATTEMPTS)
    assert unexpected(machine, mode, results) == {}
    assert machine.nonces["mark"] not in places.by_nobody(machine, [user.home, "/tmp", "/dev/shm"])


def test_a_setuid_program_would_be_found(machine, folder):
    shared = pathlib.Path(machine.variables["SHARED"])
    path = shared / f"{machine.tag}-su"
    path.write_bytes((machine.kit / "attack").read_bytes())
    path.chmod(0o6755)
    assert machine.nonces["mark"] in places.by_nobody(machine, [shared])
    path.unlink()
