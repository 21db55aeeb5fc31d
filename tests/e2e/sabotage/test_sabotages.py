"""Every control of the fence, turned off: seen in the statement, refused by the demand, used by an
attempt."""

import json
import shutil

import pytest

from escapes import places
from escapes.attempts import ATTEMPTS
from escapes.machine import Inhabitant
from rig.process import ROOT, program
from sabotage.sabotages import BINDS, BUILDER, CLIENT

NSJAIL = program("nsjail", "build/libexec/ktl/nsjail")
# A program that only runs what it is to fence.
NOTHING = '#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done; shift; exec "$@"\n'
# Finds the policy among nsjail's arguments, and gives it an edited one.
EDITOR = """#!/usr/bin/python3
import os, sys
argv, old, new = sys.argv[1:], {old!r}, {new!r}
at = argv.index("--config") + 1
text = open(argv[at]).read()
assert old in text
text = text.replace(old, new) if old else text + new + "\\n"
read, write = os.pipe()
os.write(write, text.encode())
os.close(write)
os.set_inheritable(read, True)
argv[at] = "/proc/self/fd/%d" % read
os.execv({nsjail!r}, ["nsjail", *argv])
"""


@pytest.fixture
def user(machine):
    made = Inhabitant(machine)
    yield made
    made.close()


def script(path, text):
    path.write_text(text)
    path.chmod(0o755)
    return str(path)


def changed(edit, text, variables):
    if not edit:
        return text
    old, new = edit
    for name, value in variables.items():
        new = new.replace("{%s}" % name, value)
    assert old in text
    return text.replace(old, new) if old else text + new + "\n"


def policy(machine, sabotage, path, sabotaged):
    text = (ROOT / f"sandbox/{sabotage.policy}.cfg").read_text(encoding="utf-8")
    text = changed(sabotage.also, text, machine.variables)
    path.write_text(changed(sabotage.edit, text, machine.variables) if sabotaged else text)
    return ("--sandbox-config", str(path))


def arguments(machine, sabotage, folder, context):
    """Flags and environment of a ktl that is sabotaged."""
    args = [word.replace("{CONTEXT}", str(context)) for word in sabotage.args]
    if not sabotage.env:
        args += policy(machine, sabotage, folder / "sabotaged.cfg", True)
    if sabotage.runtime:
        old, new = sabotage.runtime
        text = EDITOR.format(old=old, new=new, nsjail=NSJAIL) if old else NOTHING
        args += ["--sandbox-bin", script(folder / "nsjail", text)]
    return args, dict(sabotage.env)


def client_lines(user, context, *args, env=None):
    done = user.run("build", context, "--print=isolation", *args, env=env)
    if done.code:
        return done, None
    return done, [(line["control"], line["value"]) for line in json.loads(done.out)["client"]]


def tried(machine, user, folder, attempt, *args):
    """What an attempt gets in the worker's place."""
    place = folder / ("with-" + "".join(filter(str.isalnum, "".join(args)))[-20:])
    place.mkdir()
    (attempt,) = [each for each in ATTEMPTS if each.name == attempt]
    results = places.from_worker(machine, user, place, *args, only={attempt.name})
    got = places.success(machine, attempt.name, results[attempt.name])
    places.sweep(machine)
    return got


@pytest.fixture
def hello(tmp_path):
    folder = tmp_path / "hello"
    folder.mkdir()
    (folder / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /\n")
    return folder


def test_there_are_thirty():
    assert len(CLIENT + BINDS + BUILDER) >= 30


@pytest.mark.parametrize("sabotage", CLIENT + BINDS, ids=str)
def test_the_client(machine, user, tmp_path, hello, sabotage):
    sound = policy(machine, sabotage, tmp_path / "sound.cfg", False)
    demand = ("--require", f"isolation.client.{sabotage.demand}") if sabotage.demand else ()
    done, before = client_lines(user, hello, *sound, *demand)
    assert before, done.err
    args, env = arguments(machine, sabotage, tmp_path, hello)
    done, after = client_lines(user, hello, *args, env=env)
    if after is None:
        assert done.code == 5, done.err  # it is no fence any more
    else:
        assert after != before
    if demand:
        refused = user.run("build", hello, *args, *demand, env=env)
        assert refused.code == 5, refused.err
    if sabotage.attempt:
        assert not tried(machine, user, tmp_path, sabotage.attempt, *sound)
        assert tried(machine, user, tmp_path, sabotage.attempt, *args)


def step_attempt(machine, user, folder, name):
    """What an attempt gets in a RUN step."""
    results = places.from_run(machine, user, folder, only={name}) if name else {}
    got = places.success(machine, name, results[name]) if name else []
    places.sweep(machine)
    return got


@pytest.mark.parametrize("sabotage", BUILDER, ids=str)
def test_the_builder(machine, user, tmp_path, hello, sabotage):
    assert user.run("builder", "start").code == 0
    lines = {line["control"]: line["value"]
             for line in user.run("builder", "inspect", "--json").json()["isolation"]}
    require = ("--require", f"isolation.steps.{sabotage.demand}") if sabotage.demand else ()
    user.build_ok(hello, *require)
    assert not step_attempt(machine, user, tmp_path / "sound", sabotage.attempt)
    assert user.run("builder", "stop", "--force").code == 0
    old, new = sabotage.edit
    for name, value in machine.variables.items():
        new = new.replace("{%s}" % name, value)
    user.env["KTL_NSJAIL"] = script(tmp_path / "nsjail", EDITOR.format(old=old, new=new, nsjail=NSJAIL))
    refused = user.build(hello, *require)
    if refused.code == 6:
        return  # one that does not start
    assert refused.code == (5 if require else 0), refused.err
    after = {line["control"]: line["value"]
             for line in user.run("builder", "inspect", "--json").json()["isolation"]}
    assert after != lines
    if sabotage.attempt:
        assert step_attempt(machine, user, tmp_path / "sabotaged", sabotage.attempt)


def test_an_unfenced_builder_is_said_to_be_one(machine, user, tmp_path, hello, buildkitd_of_host):
    require = ("--require", "isolation.steps.fence=ktl-builder")
    user.build_ok(hello, *require)
    refused = user.build(hello, "--builder", buildkitd_of_host, *require)
    assert refused.code == 5, refused.err
    shutil.rmtree(tmp_path / "hello")


def test_the_hosts_network_is_said_to_be_it(machine, user, tmp_path, hello):
    host = ("--network", "host", "--allow", "network.host")
    refused = user.build(hello, *host, "--require", "isolation.steps.network=internet")
    assert refused.code == 5, refused.err
    results = places.from_run(machine, user, tmp_path / "host", *host, only={"loopback"})
    assert machine.stolen(results["loopback"])
