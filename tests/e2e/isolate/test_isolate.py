"""isolate: true: a plugin in a process of its own, which can do less and takes nobody along."""

import json
import os
import pathlib
import signal
import time

import pytest

from rig.process import ROOT, descendants

PLUGINS = ROOT / "build/tests/plugins"
COPY = "FROM scratch\nCOPY Dockerfile /\n"


def project(ktl, name, config="{}", isolate="true"):
    """A project file in which plugin test.NAME is isolated."""
    file = ktl.home / "isolated.yaml"
    file.write_text(f"plugins:\n  - id: test.{name}\n    path: {PLUGINS}/test-{name}.so\n"
                    f"    isolate: {isolate}\n    config: {config}\n")
    return file


def command(ktl, *words, env=None):
    """A command of an isolated plugin's, named by the user's own configuration."""
    file = project(ktl, "services")
    own = ktl.home / "config/ktl/config.yaml"
    own.parent.mkdir(exist_ok=True)
    own.write_text(file.read_text())
    return ktl.run(*words, env=env)


def bridges(pid):
    """The processes of ktl's own that a keeper has started, behind a fence or not."""
    found = []
    for child in descendants(pid):
        words = pathlib.Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
        if words[1:2] == [b"--bridge"] and words[0].rsplit(b"/", 1)[-1] == b"ktl":
            found.append(child)
    return found


def has_loaded(pid, name):
    return f"test-{name}.so" in pathlib.Path(f"/proc/{pid}/maps").read_text()


def waiting_scan(ktl, context, obey, env=None, more=""):
    """A build that stands in a scan of test.hangs, and the pid of that plugin's process."""
    process = ktl.start("build", context(COPY), "--builder", ktl.builder, "--progress", "rawjson",
                        f"--oci={ktl.home}/out", "--project",
                        project(ktl, "hangs", f"{{obey: {obey}{more}}}"), env=env)
    seen = ""
    while '"stage":"scan"' not in seen:
        seen = process.stderr.readline()
        assert seen, "ktl ended early"
    time.sleep(0.2)
    apart = [pid for pid in bridges(process.pid) if has_loaded(pid, "hangs")]
    assert len(apart) == 1
    return process, apart[0]


def gone(pid, seconds=10):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not pathlib.Path(f"/proc/{pid}").exists():
            return True
        time.sleep(0.02)
    return False


def end(process):
    if process.poll() is None:
        process.kill()
    process.communicate(timeout=10)


def test_an_isolated_scan_judges_like_any_other(ktl, context):
    folder = context(COPY)
    ends = []
    for isolate in ("false", "true"):
        file = project(ktl, "block-scan", "{severity: block, message: not this}", isolate)
        ends.append(ktl.build(folder, "--project", file, f"--oci={ktl.home}/out", env={"TZ": "UTC"}))
        assert not (ktl.home / "out").exists()
    here, apart = ends
    assert (here.code, apart.code) == (3, 3)
    assert "not this" in here.err and "not this" in apart.err


def test_it_has_a_process_and_hardly_an_environment(ktl, context):
    secrets = {"SSH_AUTH_SOCK": "/nowhere/agent", "AWS_SECRET_ACCESS_KEY": "hunter2",
               "DOCKER_CONFIG": "/nowhere", "HTTPS_PROXY": "http://127.0.0.1:9"}
    process, pid = waiting_scan(ktl, context, "true", env=secrets)
    try:
        assert not has_loaded(process.pid, "hangs")
        assert len(bridges(process.pid)) == 2
        for child in bridges(process.pid):
            names = {pair.split(b"=")[0].decode()
                     for pair in pathlib.Path(f"/proc/{child}/environ").read_bytes().split(b"\0")}
            assert "HOME" in names
            assert not names & {"SSH_AUTH_SOCK", "AWS_SECRET_ACCESS_KEY"}
            assert ("HTTPS_PROXY" in names) == (child != pid)
        links = [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")]
        assert len([link for link in links if link.startswith("socket:")]) == 1
        limit = pathlib.Path(f"/proc/{pid}/limits").read_text()
        assert f"Max data size             {2 << 30}" in limit
    finally:
        end(process)
    assert gone(pid)  # with a keeper that was killed


def test_killed_it_is_an_error_with_its_name(ktl, context):
    process, pid = waiting_scan(ktl, context, "true")
    worker = [child for child in bridges(process.pid) if child != pid]
    os.kill(pid, signal.SIGKILL)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 8, err
    assert "plugin test.hangs was killed by signal 9 (SIGKILL) in ktl.scan/1 scan" in err
    assert not (ktl.home / "out").exists()
    assert gone(pid) and all(gone(child) for child in worker)


def test_a_worker_that_is_gone_when_the_export_begins(ktl, context):
    go = ktl.home / "go"
    process, pid = waiting_scan(ktl, context, "true", more=f", until: {go}")
    worker = next(child for child in bridges(process.pid) if child != pid)
    os.kill(worker, signal.SIGKILL)
    time.sleep(0.2)
    go.touch()
    _, err = process.communicate(timeout=30)
    assert process.returncode == 8, err
    failed = [json.loads(line) for line in err.splitlines() if '"build.failed/1"' in line]
    assert failed[0]["body"]["stage"] == "export"
    assert "the worker was killed by signal 9 (SIGKILL)" in failed[0]["body"]["message"]
    assert not (ktl.home / "out").exists()
    assert gone(pid) and gone(worker)


def test_cancelling_reaches_it(ktl, context):
    process, pid = waiting_scan(ktl, context, "true")
    begun = time.monotonic()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 130
    assert time.monotonic() - begun < 4  # it stopped when it was told to
    assert gone(pid)


def test_one_that_does_not_stop_is_killed(ktl, context):
    process, pid = waiting_scan(ktl, context, "false")
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "plugin test.hangs did not return from ktl.scan/1 scan" in err
    assert gone(pid)


@pytest.mark.parametrize("rule,words", [
    ("crash", "plugin test.planted-crash was killed by signal 11 (SIGSEGV) in ktl.scan/1 scan"),
    ("exits", "plugin test.planted-exits ended with exit code"),
    ("bad-document", "the answer of test.planted-bad-document scan"),
    ("too-big", "it wrote a result of more than 64 MiB"),
    ("no-instance", "it made no instance"),
])
def test_one_that_breaks_the_contract_is_named(ktl, context, rule, words):
    result = ktl.build(context(COPY), "--project", project(ktl, f"planted-{rule}"),
                       f"--oci={ktl.home}/out")
    assert result.code == 8, result.err
    assert words in result.err
    assert not (ktl.home / "out").exists()


def test_a_command_runs_in_a_process_of_its_own(ktl):
    script = ("printf %s $(tr -dc a-z- < /proc/$PPID/cmdline) "
              "$(grep -c SSH_AUTH_SOCK /proc/$PPID/environ)")
    result = command(ktl, "services", "process", script, "5000",
                     env={"SSH_AUTH_SOCK": "/nowhere"})
    assert result.code == 0, result.err
    assert result.out == "code 0 exit 0 ktl--bridge0"


@pytest.mark.parametrize("words", [("secret", "id"), ("auth", "registry.example")])
def test_a_command_is_offered_no_credentials(ktl, words):
    result = command(ktl, "services", *words)
    assert result.code != 0
    assert f"does not offer ktl.host.{words[0]}/1" in result.err


def test_what_cannot_be_isolated_is_refused_by_name(ktl, context):
    result = ktl.build(context(COPY), "--project", project(ktl, "isolate-not"))
    assert result.code == 2
    assert "isolate: test.isolate-not provides ktl.secret/1, which cannot be isolated" in result.err
    assert "isolated.yaml:2" in result.err


def test_what_nobody_calls_is_warned_about(ktl, context):
    file = project(ktl, "isolate-not", isolate="false")
    result = ktl.build_ok(context(COPY), "--project", file)
    assert ("warning: plugin test.isolate-not provides ktl.secret/1, which no build of this ktl asks "
            "for") in result.err


def test_doctor_and_list_tell_who_is_isolated(ktl):
    command(ktl, "services", "folders")
    assert "in a process of its own" in ktl.run("plugin", "list").out
    assert "1 of them in a process of its own" in ktl.run("doctor").out
