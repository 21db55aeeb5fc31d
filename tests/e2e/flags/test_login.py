"""ktl login and logout against real registries."""

import json
import stat
import subprocess

import pytest

from rig.ktl import Result
from rig.registry import PASSWORD, USER


def piped(ktl, text, *args):
    """ktl with `text` on its standard input."""
    done = subprocess.run([ktl.program, *map(str, args)], input=text, env=ktl.env, cwd=ktl.home,
                          capture_output=True, text=True, timeout=60, check=False)
    return Result(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("kind", ["basic_auth_registry", "token_auth_registry"])
def test_login_is_checked_and_kept(kind, ktl, request, tmp_path):
    registry = request.getfixturevalue(kind)
    file = tmp_path / "sub/auth.json"

    def login(password, *extra):
        return piped(ktl, password, "login", registry.host, "-u", USER, "--password-stdin",
                     "--authfile", file, *extra)
    wrong = login("not-it")
    assert wrong.code == 1, wrong.err
    assert "not-it" not in wrong.err + wrong.out
    assert not file.exists()
    right = login(PASSWORD)
    assert right.code == 0, right.err
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(json.loads(file.read_text())["auths"]) == [registry.host]
    gone = ktl.run("build", "logout", registry.host, "--authfile", file)
    assert (gone.code, "forgotten" in gone.out) == (0, True)
    again = ktl.run("logout", registry.host, "--authfile", file)
    assert (again.code, "there were no credentials" in again.out) == (0, True)


def test_an_open_registry_is_named(ktl, registry):
    result = piped(ktl, "any", "login", registry.host, "-u", "me", "--password-stdin")
    assert result.code == 0, result.err
    assert "could not be checked" in result.err
    assert "any" not in (ktl.home / ".docker/config.json").read_text()


def test_a_password_on_the_command_line_is_refused(ktl, registry):
    result = ktl.run("login", registry.host, "-u", "me", "-p", "hunter2-hunter2")
    assert result.code == 2
    assert "command lines" in result.err
    assert "hunter2" not in result.err


def test_no_registry(ktl):
    result = piped(ktl, "x", "login", "127.0.0.1:1", "-u", "me", "--password-stdin")
    assert result.code == 7, result.err
    assert "127.0.0.1:1" in result.err
