"""The fence around ktl's own work on a build: what it hides, what it says, and what it refuses."""

import base64
import json
import os
import pathlib
import secrets
import shutil
import signal
import subprocess

import pytest

from rig.process import ROOT, await_started, descendants, worker_of
from rig.images import BASE
from rig.registry import PASSWORD, USER

SMALL = "FROM scratch\nCOPY . /\n"
NSJAIL = ROOT / "build/libexec/ktl/nsjail"
STRICT = ROOT / "sandbox/linux-strict.cfg"
HERMETIC = ROOT / "sandbox/ktl-hermetic.cfg"


def statement(ktl, folder, *args):
    lines = ktl.run("build", folder, "--print=isolation", *args).json()["client"]
    found = {}
    for line in lines:
        found.setdefault(line["control"], []).append((line["value"], line["evidence"]))
    return found


def test_a_build_runs_inside_without_being_asked_to(ktl, context):
    result = ktl.build_ok(context(SMALL))
    assert "Running ktl build inside the sandbox (nsjail" in result.err
    assert "policy linux-ci" in result.err
    assert "no sandbox" not in result.err


def test_what_stands_in_the_statement_was_seen(ktl, context):
    found = statement(ktl, context(SMALL))
    for name in ("mnt", "pid", "ipc", "uts"):
        assert found[f"namespace.{name}"] == [("own", "probed")]
    assert found["capabilities"] == [("none", "probed")]
    assert found["root_equivalent_sockets"] == [("none", "probed")]
    paths = [value for value, _ in found["path"]]
    assert "/workspace ro" in paths
    assert not [path for path in paths if path.split()[0] in ("/", "/etc", "/root", "/home", "/dev")]


def test_the_worker_sees_no_file_of_this_machine_and_no_process(ktl, context, tmp_path):
    marker = tmp_path / "marker"
    marker.write_text(secrets.token_hex(8))
    process = ktl.start("build", context(f"{BASE}RUN echo started; sleep 60 # {ktl.label}\n"),
                        "--builder", ktl.builder, "--progress", "plain")
    await_started(process)
    try:
        root = pathlib.Path(f"/proc/{worker_of(process.pid)}/root")
        assert not (root / str(marker).lstrip("/")).exists()
        assert not (root / "etc/shadow").exists()
        assert not (root / "var/run/docker.sock").exists()
        inside = [name for name in os.listdir(root / "proc") if name.isdigit()]
        assert len(inside) == 1, inside
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)


def test_the_context_cannot_be_written_from_inside(ktl, tmp_path):
    folder = tmp_path / "context"
    folder.mkdir()
    result = ktl.run("sandbox", "exec", "--", "touch", "/workspace/made", cwd=folder)
    assert result.code != 0
    assert "Read-only file system" in result.err
    assert not list(folder.iterdir())


def test_a_bind_below_the_context_creates_nothing_and_is_not_sent(ktl, context, tmp_path):
    (tmp_path / "note").write_text("from outside")
    folder = context("FROM scratch\nCOPY . /\n", {"a": "b"})
    result = ktl.run("sandbox", "exec", "--sandbox-bind", f"{tmp_path}/note:/workspace/deep/note",
                     "--", "cat", "/workspace/deep/note", "/workspace/a", cwd=folder)
    assert (result.code, result.out) == (0, "from outsideb"), result.err
    assert not (pathlib.Path(folder) / "deep").exists()
    built = ktl.build_ok(folder, "--sandbox-bind", f"{tmp_path}/note:/workspace/deep/note",
                         "-o", f"type=local,dest={ktl.home}/out")
    assert built.code == 0
    assert not (ktl.home / "out/deep").exists()


def test_probe_paths_are_told_and_never_fail(ktl, context):
    result = ktl.build_ok(context(SMALL), "--sandbox-probe-path", "/etc/shadow",
                          "--sandbox-probe-path", "/usr/lib")
    assert "[sandbox] /etc/shadow: hidden" in result.err
    assert "[sandbox] /usr/lib: visible" in result.err


def test_logs_are_kept_and_shown_when_asked(ktl, context):
    shown = ktl.build_ok(context(SMALL), "--sandbox-logs")
    assert "[sandbox] [I]" in shown.err
    quiet = ktl.build_ok(context(SMALL, name="quiet"))
    assert "[sandbox] [I]" not in quiet.err
    logs = list((ktl.home / "state/ktl/records").glob("*/sandbox.log"))
    assert len(logs) == 2
    assert all("Executing" in log.read_text() for log in logs)


def test_a_demand_without_a_runtime_is_exit_5(ktl, context, tmp_path):
    broken = tmp_path / "nsjail"
    broken.write_text("#!/bin/sh\necho 'the kernel says no' >&2\nexit 3\n")
    broken.chmod(0o755)
    result = ktl.build(context(SMALL), "--sandbox", "--sandbox-bin", broken)
    assert result.code == 5, result.err
    assert "--sandbox demands the sandbox" in result.err
    missing = ktl.build(context(SMALL, name="again"), "--sandbox-bin", tmp_path / "nowhere")
    assert missing.code == 5, missing.err


def test_a_policy_that_does_not_load_is_told_by_line_and_column(ktl, context, tmp_path):
    policy = tmp_path / "policy.cfg"
    policy.write_text('name: "x"\nclone_newnett: true\n')
    result = ktl.build(context(SMALL), "--sandbox-config", policy)
    assert result.code == 5, result.err
    assert f"{policy}:2:1" in result.err
    assert "clone_newnet" in result.err


@pytest.mark.parametrize("value, demand, code", [
    ("1", (), 0), ("1", ("--sandbox",), 5), ("1", ("--sandbox-workdir", "/w"), 0),
    ("0", ("--sandbox",), 0), ("maybe", (), 2)])
def test_the_switch_that_lifts_it(ktl, context, value, demand, code):
    result = ktl.build(context(SMALL), *demand, env={"KTL_SANDBOX_DISABLE": value})
    assert result.code == code, result.err
    if code == 0 and value == "1":
        assert "client: no sandbox: KTL_SANDBOX_DISABLE lifts it" in result.err


def test_what_is_only_said_is_not_believed(ktl, context, tmp_path):
    result = ktl.build(context(SMALL), "--sandbox", "--sandbox-bin", tmp_path / "none",
                       env={"KTL_SANDBOX_ACTIVE": "1"})
    assert result.code == 5


def test_requirements_hold_or_the_build_ends(ktl, context):
    folder = context(SMALL)
    assert ktl.build(folder, "--require", "isolation.client.capabilities=none").code == 0
    refused = ktl.build(folder, "--require", "isolation.client.network=none")
    assert refused.code == 5
    assert "isolation.client.network=none: it is host (probed)" in refused.err
    lifted = ktl.build(folder, "--require", "isolation.client.capabilities=none",
                       env={"KTL_SANDBOX_DISABLE": "1"})
    assert lifted.code == 5


@pytest.mark.parametrize("policy", [STRICT, HERMETIC])
def test_the_tighter_policies_build_too(ktl, context, policy):
    result = ktl.build_ok(context(SMALL), "--sandbox", "--sandbox-config", policy)
    assert f"policy {policy.stem} of {policy}" in result.err


def test_without_a_network_a_build_still_works(ktl, context):
    folder = context(SMALL)
    found = statement(ktl, folder, "--sandbox-config", HERMETIC)
    assert found["network"] == [("none", "probed")]
    ktl.build_ok(folder, "--sandbox-config", HERMETIC, "--require", "isolation.client.network=none")


def test_files_outside_the_context_are_the_same_files(ktl, context, tmp_path):
    folder = context("FROM scratch\n", {"a": "1"})
    other = tmp_path / "other"
    other.mkdir()
    (other / "Dockerfile.x").write_text("FROM scratch\nCOPY a /\nCOPY --from=more b /\n")
    more = tmp_path / "more"
    more.mkdir()
    (more / "b").write_text("2")
    out = tmp_path / "out"
    ktl.build_ok(folder, "-f", other / "Dockerfile.x", "--build-context", f"more={more}",
                 "-o", f"type=local,dest={out}", "--iidfile", tmp_path / "id",
                 "--metadata-file", tmp_path / "meta.json", "--logfile", tmp_path / "log")
    assert (out / "a").read_text() + (out / "b").read_text() == "12"
    assert json.loads((tmp_path / "meta.json").read_text())
    assert (tmp_path / "log").exists()


def test_a_killed_runtime_ends_the_build_and_leaves_nobody(ktl, context):
    process = ktl.start("build", context(f"{BASE}RUN echo started; sleep 60 # {ktl.label}\n"),
                        "--builder", ktl.builder, "--progress", "plain")
    await_started(process)
    below = descendants(process.pid)
    os.kill(below[0], signal.SIGKILL)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 8, err
    assert "the worker was killed by signal 9" in err
    assert not [pid for pid in below if pathlib.Path(f"/proc/{pid}/exe").exists()]


def test_the_doctor_touches_everything(ktl, context):
    result = ktl.run("build", "sandbox", "doctor", "--context", context(SMALL), "--json",
                     "--sandbox-config", HERMETIC, timeout=300)
    probes = {probe["id"]: probe for probe in result.json()["probes"]}
    for name in ("runtime", "policy", "start", "namespace.mnt", "namespace.pid", "namespace.net",
                 "context", "context.readonly", "tmpfs", "proc", "network", "capabilities",
                 "seccomp", "context.links"):
        assert probes[name]["status"] == "PASS", probes[name]
    assert all(probe["fix"] for probe in probes.values() if probe["status"] == "FAIL")
    failed = [probe for probe in probes.values() if probe["status"] == "FAIL"]
    assert result.code == (5 if failed else 0)


def doctors(ktl, *args, **options):
    result = ktl.run("build", "sandbox", "doctor", "--json", *args, timeout=300, **options)
    return {probe["id"]: probe for probe in result.json()["probes"]}


def test_the_doctor_tries_the_gate(lone_ktl, tmp_path):
    before = sorted(pathlib.Path(lone_ktl.env["TMPDIR"]).iterdir())
    gate = doctors(lone_ktl)["gate"]
    assert gate["status"] == "PASS", gate
    assert sorted(pathlib.Path(lone_ktl.env["TMPDIR"]).iterdir()) == before
    assert [each["network"] for each in lone_ktl.run("builder", "ls", "--json").json()["builders"]
            ] == ["internet"]


def test_the_doctor_says_why_there_is_no_gate(lone_ktl):
    gate = doctors(lone_ktl, env={"KTL_BUILDKITD": "/no/such/buildkitd"})["gate"]
    assert (gate["status"], gate["fix"]) == ("SKIP", "")
    assert "/no/such/buildkitd" in gate["evidence"]


# Finds the builder's policy among nsjail's arguments, and gives it one that names no proxy.
GATELESS = """#!/usr/bin/python3
import os, sys
argv = sys.argv[1:]
at = argv.index("--config") + 1
text = open(argv[at]).read()
read, write = os.pipe()
os.write(write, "\\n".join(line for line in text.splitlines() if "_PROXY=" not in line).encode())
os.close(write)
os.set_inheritable(read, True)
argv[at] = "/proc/self/fd/%d" % read
os.execv({nsjail!r}, ["nsjail", *argv])
"""


def test_the_doctor_sees_a_gate_that_lets_nothing_through(lone_ktl, tmp_path):
    wrapper = tmp_path / "nsjail"
    wrapper.write_text(GATELESS.format(nsjail=str(NSJAIL.resolve())))
    wrapper.chmod(0o755)
    gate = doctors(lone_ktl, env={"KTL_NSJAIL": str(wrapper)})["gate"]
    assert gate["status"] == "FAIL" and gate["fix"], gate
    assert "a host of the list was not reached" in gate["evidence"]


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")
def test_the_doctor_names_the_policy_that_bubblewrap_got(ktl, context):
    probes = doctors(ktl, "--context", context(SMALL), "--sandbox-bin", shutil.which("bwrap"))
    assert probes["runtime"]["status"] == "PASS" and "bwrap" in probes["runtime"]["evidence"]
    assert "linux-ci of " in probes["policy"]["evidence"]
    assert "translated field by field to the options of bwrap" in probes["policy"]["evidence"]
    assert probes["seccomp"]["status"] == "PASS", probes["seccomp"]  # the keyrings' filter as well


def test_no_key_of_roots_is_read_from_inside(ktl, tmp_path):
    for name in ("linux-ci", "ktl-hermetic", "linux-strict"):
        result = ktl.run("sandbox", "exec", "--sandbox-config", ROOT / f"sandbox/{name}.cfg", "--",
                         "/usr/bin/python3", "-c", "import ctypes, os; c = ctypes.CDLL(None, use_errno=True); "
                         "print(c.syscall(250, 0, -4, 0), os.strerror(ctypes.get_errno()))", cwd=tmp_path)
        assert result.out.strip() == "-1 Operation not permitted", result.err


def test_the_doctor_does_not_believe_a_policy_that_cannot_be_read(ktl, tmp_path):
    policy = tmp_path / "policy.cfg"
    policy.write_text("clone_newnet: true\nnonsense {\n")
    result = ktl.run("build", "sandbox", "doctor", "--sandbox-config", policy, "--json")
    assert result.code == 5
    assert result.json()["probes"][0]["status"] == "FAIL"


def test_exec_passes_streams_and_exit_code(ktl, tmp_path):
    result = ktl.run("sandbox", "exec", "--", "sh", "-c", "echo out; echo err >&2; exit 7",
                     cwd=tmp_path)
    assert (result.code, result.out, result.err) == (7, "out\n", "err\n")
    hidden = ktl.run("sandbox", "exec", "--", "stat", "/etc/shadow", cwd=tmp_path)
    assert hidden.code == 1
    assert "No such file" in hidden.err
    typed = subprocess.run([ktl.program, "sandbox", "exec", "--", "cat"], input="typed", text=True,
                           capture_output=True, cwd=tmp_path, env=ktl.env, check=False)
    assert typed.stdout == "typed"


def test_a_config_json_bound_into_the_context_is_the_auth_file(ktl, context, basic_auth_registry):
    registry = basic_auth_registry
    word = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    auth = ktl.home / "config.json"
    auth.write_text(json.dumps({"auths": {registry.host: {"auth": word}}}))
    name = f"{registry.host}/bound-{ktl.label}:1"
    folder = context(SMALL)
    refused = ktl.build(folder, "-t", name, "--push")
    assert refused.code == 7, refused.err
    ktl.build_ok(folder, "-t", name, "--push", "--sandbox-bind",
                 f"{auth}:/workspace/.docker/config.json")
    assert not (pathlib.Path(folder) / ".docker").exists()


def test_secure_names_the_parts_that_are_missing(ktl, context):
    result = ktl.build(context(SMALL), "--secure")
    assert result.code == 2
    for part in ("--secrets", "--policy", "--sbom", "--provenance"):
        assert part in result.err
