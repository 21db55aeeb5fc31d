"""No attempt of the table gets a nonce out of the machine: from a RUN step, from a process in the
daemon's place, and from one in the worker's. On the machine itself they do."""

import dataclasses
import pathlib

import pytest

from escapes import places
from escapes.attempts import ATTEMPTS, DAEMON, FRONTEND, RUN, WORKER
from escapes.machine import OUTSIDE, Inhabitant
from rig.process import ROOT, program

LISTED = f"{OUTSIDE}:8080"
OUT = frozenset({"outside"})
EVERYWHERE = frozenset({"abstract", "loopback", "own", "metadata", "outside", "outside6"})
# What is there to be had outside, by whatever way.
OUTSIDE_NONCES = {"outside", "resolver", "unlisted"}


@dataclasses.dataclass(frozen=True)
class Mode:
    """`network`: of a builder that is started by hand, if it is; `flags`: of `ktl build` or `ktl
    sandbox exec`; `opened`: what of the network is open by intent."""

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
    Mode("bwrap", flags=("--sandbox-bin", program("bwrap")), opened=EVERYWHERE),
    Mode("bwrap-hermetic", flags=("--sandbox-bin", program("bwrap"), "--sandbox-config",
                                  str(ROOT / "sandbox/ktl-hermetic.cfg"))),
]
# Ways out that are known and not closed yet: the place, the attempt, where it succeeds.
KNOWN = []


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


def builder_of(user, mode, image=""):
    """The arguments that choose it, and its state; `image`: what the builds to come fetch. Each mode has a
    trust zone of its own, and so a cache."""
    zone = ("--trust", mode.name)
    if not mode.network:
        empty = user.home / "empty"
        empty.mkdir(exist_ok=True)
        (empty / "Dockerfile").write_text(f"FROM {image or 'scratch'}\nCOPY Dockerfile /\n")
        user.build_ok(empty, *zone, *mode.flags)  # starts the builder that it takes
        (state,) = [each for each in user.run("builder", "ls", "--json").json()["builders"]
                    if each["zone"] == mode.name]
        return (*zone, *mode.flags), state
    which = (*zone, "--network", mode.network)
    assert user.run("builder", "start", *which).code == 0
    state = user.run("builder", "inspect", "--json", *which).json()
    return ("--builder", state["address"]), state


def got_out(machine, place, mode, results):
    """Which attempts got what, but for what is open by intent."""
    assert len(results) == sum(place in attempt.places for attempt in ATTEMPTS)
    opened = mode.opened
    found = {}
    for attempt, got in succeeded(machine, results).items():
        got = set(got) - (OUTSIDE_NONCES if "outside" in opened else set())
        if got and attempt.net not in opened:
            found[str(attempt)] = got
    return found


def check(machine, place, mode, results):
    """Exactly what is known gets out."""
    found = got_out(machine, place, mode, results)
    known = {name for where, name, modes in KNOWN if where == place and mode.name in modes}
    assert set(found) == known, found


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
    check(machine, RUN, mode, results)
    if "outside" in mode.opened:  # the network is there, so what was refused was refused by the fence
        assert places.success(machine, "outside", results["outside"]) == ["outside"]


@pytest.mark.parametrize("mode", STEPS, ids=str)
def test_from_the_daemons_place(machine, user, folder, mode):
    args, state = builder_of(user, mode)
    place = folder / f"daemon-{mode}"
    place.mkdir()
    results = places.from_daemon(machine, user, place, state["state"], *args)
    check(machine, DAEMON, mode, results)
    assert machine.nonces["mark"] not in places.by_nobody(machine, [user.home, "/dev/shm"])


@pytest.mark.parametrize("mode", CLIENTS, ids=str)
def test_from_the_workers_place(machine, user, folder, mode):
    place = folder / f"worker-{mode}"
    place.mkdir()
    results = places.from_worker(machine, user, place, *mode.flags)
    check(machine, WORKER, mode, results)
    assert machine.nonces["mark"] not in places.by_nobody(machine, [user.home, "/dev/shm"])


def test_a_setuid_program_would_be_found(machine, folder):
    shared = pathlib.Path(machine.variables["SHARED"])
    path = shared / f"{machine.tag}-su"
    path.write_bytes((machine.kit / "attack").read_bytes())
    path.chmod(0o6755)
    assert machine.nonces["mark"] in places.by_nobody(machine, [shared])
    path.unlink()
