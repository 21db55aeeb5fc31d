"""Completion in the real shells, and the manual page."""

import subprocess

import pytest

from rig.ktl import Ktl
from rig.process import program
from rig.terminal import Terminal


@pytest.fixture(scope="module")
def user():
    made = Ktl()
    made.env["PATH"] = f"{made.home}/bin:/usr/bin:/bin"
    (made.home / "bin").mkdir()
    (made.home / "bin/ktl").symlink_to(made.program)
    (made.home / "folder").mkdir()
    (made.home / "a file").write_text("")
    yield made
    made.close()


def shell(user, *argv):
    done = subprocess.run(argv, env=user.env, cwd=user.home, capture_output=True, text=True,
                          timeout=60, check=False)
    assert done.returncode == 0 and done.stderr == "", done
    return done.stdout.splitlines()


def bash(user, line):
    return shell(user, program("bash"), "-c", 'source <(ktl completion bash); COMP_LINE=$1; '
                 'COMP_POINT=${#1}; _ktl ktl 2>&1; printf "%s\\n" "${COMPREPLY[@]}"', "-", line)


def fish(user, line):
    lines = shell(user, program("fish"), "--no-config", "-c",
                  "ktl completion fish | source; complete -C $argv[1]", line)
    return [each.split("\t")[0] for each in lines]


def zsh(user, line):
    """zsh completes on a terminal only."""
    screen = Terminal([program("zsh"), "-f", "-i"], user.env, user.home, columns=150, rows=50)
    screen.type("PS1=; autoload -U compinit; compinit -u -d $HOME/.zcompdump; "
                "source <(ktl completion zsh); LISTMAX=999; clear; echo REA''DY\n")
    screen.wait_for("READY")
    screen.type(line + "\t\t")
    while screen.feed(2) and screen.fresh():
        pass
    lines = screen.lines()
    screen.close()
    return " ".join(lines).split()


@pytest.mark.parametrize("complete", [bash, zsh, fish])
@pytest.mark.parametrize("line, wanted, unwanted", [
    ("ktl buil", {"build", "builder"}, {"doctor"}),
    ("ktl plugin ", {"list", "show"}, {"build"}),
    ("ktl build --pu", {"--pull", "--push"}, {"--progress"}),
    ("ktl build --progress ", {"auto", "plain", "rawjson"}, {"--pull"}),
    ("ktl plugin show ktl.e", {"ktl.export.oci"}, set()),
])
def test_words(user, complete, line, wanted, unwanted):
    found = set(complete(user, line))
    assert wanted <= found, found
    assert not unwanted & found


@pytest.mark.parametrize("complete", [bash, zsh, fish])
@pytest.mark.parametrize("line, wanted", [
    ("ktl build ap", {"api", "app"}),
    ("ktl build --profile ", {"ci", "dev", "mine", "remote", "secure"}),
])
def test_names_of_the_project(user, complete, line, wanted):
    project = user.home / "ktl.yaml"
    project.write_text(
        "targets: {api: {}, app: {}, base: {}}\nprofiles: {mine: {flags: {no-cache: true}}}\n")
    found = set(complete(user, line))
    project.unlink()
    assert wanted <= found, found


@pytest.mark.parametrize("complete", [bash, fish])
def test_paths(user, complete):
    assert any("folder" in each for each in complete(user, "ktl build "))
    assert any("a file" in each or "a\\ file" in each
               for each in complete(user, "ktl build --metadata-file "))


def test_a_value_after_equals(user):
    assert bash(user, "ktl build --progress=ra") == ["rawjson"]  # readline's word begins after "="
    assert fish(user, "ktl build --progress=ra") == ["--progress=rawjson"]


def test_other_shells_are_named(user):
    result = user.run("completion", "tcsh")
    assert result.code == 2
    assert "bash, zsh or fish" in result.err


def test_manual_page(user):
    page = user.run("help", "--man")
    assert page.code == 0
    for word in (".SH EXIT STATUS", "\\-\\-push", "\\-\\-logfile FILE", "ktl builder", "130"):
        assert word in page.out, word
    assert "not built yet" not in page.out
    (user.home / "ktl.1").write_text(page.out)
    man = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", "ktl.1"],
                         env=user.env, cwd=user.home, capture_output=True, text=True, check=False)
    assert (man.returncode, man.stderr) == (0, "")
    lint = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", "ktl.1"], env=user.env,
                          cwd=user.home, capture_output=True, text=True, check=False)
    faults = [line for line in lint.stdout.splitlines() if "missing date" not in line]
    assert not faults
