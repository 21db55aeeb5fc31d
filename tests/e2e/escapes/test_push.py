"""A registry outside that leads ktl to what only this machine reaches: nothing there is asked."""

import pytest

from escapes.machine import OUTSIDE, Inhabitant


@pytest.fixture(scope="module")
def user(machine):
    made = Inhabitant(machine)
    config = made.home / "config/ktl/config.yaml"
    config.parent.mkdir()
    config.write_text("registries:\n" + "".join(f"  '{OUTSIDE}:{port}': {{http: true}}\n"
                                                for port in (81, 83, 84, 85, 86)))
    yield made
    made.close()


def push(machine, user, folder, port):
    machine.asked.unlink(missing_ok=True)
    (folder / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /\n")
    done = user.build(folder, "-t", f"{OUTSIDE}:{port}/it:1", "--push")
    return done, machine.asked.read_text(errors="replace") if machine.asked.exists() else ""


# Redirects of everything to metadata and to loopback; then uploads that are wanted there.
@pytest.mark.parametrize("port", [81, 83, 85, 86])
def test_it_leads_nowhere(machine, user, tmp_path, port):
    done, asked = push(machine, user, tmp_path, port)
    assert done.code == 7 and f"{OUTSIDE}:{port}" in done.err, done.err
    assert not asked and not machine.stolen(done.err), asked + done.err


def test_a_registry_there_would_be_asked(machine, user, tmp_path):
    done, asked = push(machine, user, tmp_path, 84)
    assert "/v2/it/" in asked, done.err
