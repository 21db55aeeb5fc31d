"""A hostile frontend gets no nonce of the machine: neither in its own place, nor by what it asks the
builder for. With a daemon that has no fence it does."""

import pathlib

import pytest

from escapes import frontend, places
from escapes.attempts import ATTEMPTS, FRONTEND
from escapes.gateway import QUESTIONS
from escapes.machine import Inhabitant
from escapes.test_attempts import STEPS, builder_of, check

# A builder without any network cannot fetch the frontend.
MODES = [mode for mode in STEPS if mode.network != "none"]
TOGETHER = [each for each in QUESTIONS if not each.alone]
ALONE = [each for each in QUESTIONS if each.alone]


@pytest.fixture(scope="module")
def name(machine):
    """The frontend's, pinned."""
    frontend.serve(machine)
    return frontend.push(machine)


@pytest.fixture(scope="module")
def user(machine):
    made = Inhabitant(machine, KTL_TEST_TOKEN=machine.nonce("environment"))
    config = made.home / "config/ktl/config.yaml"  # else no port of loopback is led into the jail
    config.parent.mkdir()
    config.write_text(f"registries: {{'127.0.0.1:{frontend.PORT}': {{http: true}}}}\n")
    yield made
    made.close()


def asked(machine):
    return machine.asked.read_text(errors="replace") if machine.asked.exists() else ""


def stolen(machine, questions, said):
    """name -> what it brought: from what the frontend printed, and from what the stand-in was asked."""
    found = {each.name: machine.stolen(said[each.name]) for each in questions}
    for each in questions:
        if each.asks and each.asks in asked(machine):
            found[each.name].append("asked")
    return {key: got for key, got in found.items() if got}


def put_all(machine, user, folder, name, log, *args):
    """All questions, those that end a build in builds of their own: name -> what it brought."""
    machine.asked.unlink(missing_ok=True)
    done, said = frontend.ask(user, folder / "all", name, log, *args, attempts=map(str, TOGETHER))
    assert done.code == 0 and "end" in said, done.err
    for each in ALONE:
        _, more = frontend.ask(user, folder / each.name, name, log, *args, attempts=[each.name])
        assert each.name in more, more
        said[each.name] = more[each.name]
    return stolen(machine, QUESTIONS, said), said


@pytest.mark.parametrize("mode", MODES, ids=str)
def test_from_its_place(machine, user, name, tmp_path, mode):
    args, state = builder_of(user, mode, name)
    done, said = frontend.ask(user, tmp_path / "context", name, state["log"], *args, shell=True)
    assert done.code == 0 and "end" in said, done.err
    said.pop("end")
    check(machine, FRONTEND, mode, said)
    assert not machine.stolen(done.err)
    if "outside" in mode.opened:  # the network is there, so what was refused was refused by the fence
        assert places.success(machine, "outside", said["outside"]) == ["outside"]


@pytest.mark.parametrize("mode", MODES, ids=str)
def test_what_it_asks_for(machine, user, name, tmp_path, mode):
    args, state = builder_of(user, mode, name)
    found, said = put_all(machine, user, tmp_path, name, state["log"], *args)
    opened = {each.name for each in QUESTIONS if each.net in mode.opened}
    assert not set(found) - opened, {key: said[key] for key in found}


def test_one_that_is_not_pinned_does_not_run(machine, user, name, tmp_path):
    args, state = builder_of(user, next(mode for mode in MODES if mode.name == "hermetic"), name)
    done, said = frontend.ask(user, tmp_path / "context", name.split("@")[0] + ":1", state["log"], *args)
    assert done.code == 3 and "Dockerfile:1" in done.err and not said, done.err


def test_an_unfenced_daemon_gives_it_the_host(machine, user, name, tmp_path, buildkitd_of_host):
    log = pathlib.Path(buildkitd_of_host.removeprefix("unix://")).parent / "log"
    found, said = put_all(machine, user, tmp_path, name, log, "--builder", buildkitd_of_host, "--allow",
                          "security.insecure", "--allow", "network.host")
    failed = {each.name: said[each.name] for each in QUESTIONS if each.bare and each.name not in found}
    assert not failed, failed


def test_every_attempt_is_made(machine, name):
    with_place = [attempt for attempt in ATTEMPTS if FRONTEND in attempt.places]
    assert len(with_place) >= 60 and len({each.name for each in QUESTIONS}) == len(QUESTIONS)
