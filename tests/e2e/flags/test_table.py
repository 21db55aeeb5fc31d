"""One row for every flag of `ktl build`: what it does to a build that can be seen from outside.

Where docker buildx has the flag, both build and must show the same. A flag without a row fails."""

import dataclasses
import hashlib
import json
import re
import socket
import subprocess
from typing import Any, Callable

import pytest

from flags.peers import Buildx
from rig.images import BASE
from rig.ktl import Ktl
from rig.process import ROOT, program
from rig.registry import PASSWORD, USER
from rig.terminal import Terminal
from transports.daemons import TcpBuildkitd

SMALL = "FROM scratch\nCOPY Dockerfile /it\n"


@dataclasses.dataclass
class World:
    """What rows may want besides the tool: see the fixture."""
    peer: Buildx
    registry: Any
    locked: Any  # a registry with a password
    busybox: str
    tmp: Any


@dataclasses.dataclass
class Row:
    """`effect(tool, world)` is what can be seen; `expected` what it must be."""
    effect: Callable
    expected: Any
    both: bool = True  # buildx has the flag with the same words


ROWS = {}


def row(flag, expected, both=True):
    def add(effect):
        assert flag not in ROWS
        ROWS[flag] = Row(effect, expected, both)
        return effect
    return add


def step(flag, args, script, expected):
    """A row for what a RUN step sees; `script` prints it."""
    @row(flag, expected)
    def effect(tool, world):
        words = args(tool, world) if callable(args) else args
        return tool.log(tool.folder(f"{BASE}ARG WORD\nARG OTHER\nRUN {script} # LABEL\n"), *words,
                        env={"OTHER": "from-outside"})


# Input.

step("build-arg", ["--build-arg", "WORD=hello", "--build-arg", "OTHER"], "echo $WORD $OTHER",
     ["hello from-outside"])
step("network", ["--network", "none"], "ls /sys/class/net", ["lo"])
step("add-host", ["--add-host", "db:10.1.2.3", "--add-host", "six=[fd00::1]"],
     "tail -n 2 /etc/hosts | tr '\\t' ' ' | sort", ["10.1.2.3 db", "fd00::1 six"])
step("ulimit", ["--ulimit", "nofile=123:456"], "ulimit -Sn; ulimit -Hn", ["123", "456"])
step("shm-size", ["--shm-size", "33m"], "df -k /dev/shm | tail -n 1 | tr -s ' ' | cut -d ' ' -f 2",
     ["33792"])
step("resource", ["--resource", "memory=512m"],
     "cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null || true",
     ["536870912"])


def secret_file(tool, world):
    (tool.room / "secret").write_text("a secret of twenty-six chars")
    return ["--secret", f"id=it,src={tool.room}/secret"]


@row("secret", ["28"])
def secret(tool, world):
    folder = tool.folder(f"{BASE}RUN --mount=type=secret,id=it wc -c </run/secrets/it # LABEL\n")
    return tool.log(folder, *secret_file(tool, world))


@row("ssh", ["a socket"])
def ssh(tool, world):
    key = tool.new("-key")
    subprocess.run([program("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    folder = tool.folder(f"{BASE}RUN --mount=type=ssh test -S $SSH_AUTH_SOCK && echo a socket"
                         " # LABEL\n")
    return tool.log(folder, "--ssh", f"default={key}")


@row("file", {"it": "FROM scratch\nCOPY Other /it\n"})
def file(tool, world):
    folder = tool.folder("FROM nowhere.invalid/x\n", {"Other": "FROM scratch\nCOPY Other /it\n"})
    return tool.files(folder, "-f", folder / "Other")


@row("target", ["one"])
def target(tool, world):
    folder = tool.folder("FROM scratch AS a\nCOPY Dockerfile /one\nFROM scratch\nCOPY busybox /two\n")
    return list(tool.files(folder, "--target", "a"))


@row("platform", ["linux/amd64", "linux/arm64"])
def platform(tool, world):
    return tool.image(tool.folder(SMALL), "--platform", "linux/amd64,linux/arm64").platforms


@row("label", {"a": "1", "b": ""})
def label(tool, world):
    return tool.image(tool.folder(SMALL), "--label", "a=1", "--label", "b").config["config"]["Labels"]


@row("build-context", {"it": "from there"})
def build_context(tool, world):
    more = tool.folder("", {"word": "from there"})
    folder = tool.folder("FROM scratch\nCOPY --from=more word /it\n")
    return tool.files(folder, "--build-context", f"more={more}")


@row("annotation", {"a": "1"})
def annotation(tool, world):
    return tool.image(tool.folder(SMALL), "--annotation", "a=1").root["annotations"]


@row("cgroup-parent", "/ktl-table")
def cgroup_parent(tool, world):
    tool.build(tool.folder(f"{BASE}RUN true # LABEL\n"), "--cgroup-parent", "/ktl-table")
    return world.peer.last_request()["CgroupParent"]


@row("allow", True)
def allow(tool, world):
    """The daemon grants nothing: it says so only of what it was asked for."""
    folder = tool.folder(f"{BASE}RUN --security=insecure true # LABEL\n")
    asked = tool.build(folder, "--allow", "security.insecure", code=1).err
    unasked = tool.build(folder, code=1).err
    return "granting entitlement" in asked and "granting entitlement" not in unasked


@row("hermetic", [True, True], both=False)
def hermetic(tool, world):
    """Pins are asked for, and a step has no network."""
    unpinned = tool.build(tool.folder(f"FROM {world.busybox}\n"), "--hermetic", code=3).err
    folder = tool.folder(f"{BASE}RUN ls /sys/class/net # LABEL\n")
    return ["not pinned" in unpinned, tool.log(folder, "--hermetic")[-1:] == ["lo"]]


@row("allow-network", [True, True], both=False)
def allow_network(tool, world):
    """A step reaches a registry by its proxy, and nothing that is not named."""
    text = f"{BASE}RUN wget -q -O - http://{{}}/v2/ # LABEL\n"
    reached = tool.build(tool.folder(text.format(world.registry.host)),
                         f"--allow-network={world.registry.host}")
    other = tool.build(tool.folder(text.format("127.0.0.1:1")),
                       f"--allow-network={world.registry.host}", code=3).err
    return [reached.code == 0, "127.0.0.1:1" in other]


@row("locked", [True, True], both=False)
def locked(tool, world):
    """What ktl.lock does not name is not built."""
    folder = tool.folder(f"FROM {world.busybox}\n")
    lists = ("images", "files", "repositories", "downloads", "not_lockable")
    (folder / "ktl.lock").write_text(json.dumps({"schema": "ktl.lock/1", **{each: [] for each in lists}}))
    refused = tool.build(folder, "--locked", code=3).err
    return ["ktl.lock" in refused, world.busybox in refused]


@row("allow-unpinned-bases", True, both=False)
def allow_unpinned_bases(tool, world):
    folder = tool.folder(f"FROM {world.busybox}\n")
    return "not pinned" in tool.build(folder, "--hermetic", "--allow-unpinned-bases").err


@row("no-cache-filter", {"first": False, "second": True})
def no_cache_filter(tool, world):
    folder = tool.folder("FROM scratch AS base\nCOPY busybox /bin/sh\n"
                         "FROM base AS one\nRUN echo LABEL >/a # first\n"
                         "FROM base\nRUN echo LABEL >/b # second\nCOPY --from=one /a /a\n")
    tool.build(folder)
    return tool.steps(folder, "--no-cache-filter", "one")


@row("pull", "pull")
def pull(tool, world):
    tool.build(tool.folder(f"FROM {world.busybox}\n"), "--pull")
    return world.peer.last_request()["ImageResolveMode"]


@row("no-cache", {"it": False})
def no_cache(tool, world):
    folder = tool.folder("FROM scratch\nCOPY busybox /bin/sh\nRUN echo LABEL # it\n")
    tool.build(folder)
    assert tool.steps(folder) == {"it": True}
    return tool.steps(folder, "--no-cache")


ODD = "FROM scratch AS base\nfrom base as Out\nCOPY Dockerfile /\n"


@row("call", ["base", "out"])
def call(tool, world):
    result = tool.build(tool.folder(ODD), "--call=targets,format=json")
    return [one["name"] for one in result.json()["targets"]]


@row("check", "Check complete, 2 warnings have been found!")
def check(tool, world):
    return tool.build(tool.folder(ODD), "--check", code=1).out.splitlines()[0]


# Project.

@row("project", ["from-file"], both=False)
def project(tool, world):
    path = tool.new(".yaml")
    path.write_text("defaults: {tag: [from-file:1]}\n")
    request = tool.build(tool.folder(SMALL), "--project", path, "--print").json()
    return [tag.split(":")[0] for tag in request["tags"]]


@row("plugin-dir", 0, both=False)
def plugin_dir(tool, world):
    listed = tool.build(tool.folder(SMALL), "--plugin-dir", tool.room, "--print").json()
    refused = tool.run(tool.folder(SMALL), "--plugin-dir", "/no/such/folder", "--print")
    return 0 if listed["schema"] == "ktl.request/1" and refused.code == 2 else refused.err


@row("profile", True, both=False)
def profile(tool, world):
    request = tool.build(tool.folder(SMALL), "--profile", "ci", "--print").json()
    return request["pull"] and request["origin"]["pull"] == "profile ci"


@row("set", {"a": "1"}, both=False)
def set_(tool, world):
    path = tool.new(".yaml")
    path.write_text("targets: {x: {}}\n")
    return tool.build("x", "--project", path, "--set", "x.labels.a=1", "--print").json()["labels"]


@row("print", "ktl.plan/1", both=False)
def print_(tool, world):
    return tool.build(tool.folder(SMALL), "--print=plan").json()["schema"]


# Result.

@row("tag", ["docker.io/library/app:1", "1"])
def tag(tool, world):
    notes = tool.image(tool.folder(SMALL), "-t", "app:1").entry["annotations"]
    return [notes["io.containerd.image.name"], notes["org.opencontainers.image.ref.name"]]


@row("iidfile", True)
def iidfile(tool, world):
    iid, metadata = tool.new(), tool.new()
    tool.image(tool.folder(SMALL), "--iidfile", iid, "--metadata-file", metadata)
    return iid.read_text() == json.loads(metadata.read_text())["containerimage.config.digest"]


@row("metadata-file", {"containerimage.config.digest", "containerimage.descriptor",
                       "containerimage.digest", "image.name"})
def metadata_file(tool, world):
    file = tool.new()
    tool.image(tool.folder(SMALL), "-t", "app:1", "--metadata-file", file)
    return {key for key in json.loads(file.read_text()) if key.split(".")[0] in
            ("containerimage", "image")}


@row("quiet", True)
def quiet(tool, world):
    result = tool.build(tool.folder(SMALL), "-q", "-o", f"type=oci,dest={tool.new()}")
    return bool(re.fullmatch(r"sha256:[0-9a-f]{64}\n", result.out)) and "#1" not in result.err


@row("output", {"it"})
def output(tool, world):
    return set(tool.files(tool.folder(SMALL)))


DENIES = 'package ktl.build\n\ndeny contains "never" if input.stage == "prepare"\n'


def rules(tool):
    file = tool.new(".rego")
    file.write_text(DENIES)
    return file


@row("policy", True, both=False)
def policy(tool, world):
    return "never" in tool.build(tool.folder(SMALL), "--policy", rules(tool), code=3).err


@row("policy-mode", True, both=False)
def policy_mode(tool, world):
    return "never" in tool.build(tool.folder(SMALL), "--policy", rules(tool), "--policy-mode", "warn").err


@row("policy-report", ["never"], both=False)
def policy_report(tool, world):
    report = tool.new(".json")
    tool.build(tool.folder(SMALL), "--policy", rules(tool), "--policy-report", report, code=3)
    return [each["message"] for each in json.loads(report.read_text())["denials"]]


@row("push", ["table"])
def push(tool, world):
    name = tool.room.name.lower().replace("_", "x")
    tool.build(tool.folder(SMALL), "-t", f"{world.registry.host}/{name}:table", "--push")
    return world.registry.tags(name)


@row("load", True)
def load(tool, world):
    """No docker is there: each names the socket it would have given the image to."""
    gone = tool.new("-docker.sock")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(gone))
    result = tool.run(tool.folder(SMALL), "-t", "app:1", "--load", env={"DOCKER_HOST": f"unix://{gone}"})
    return result.code != 0 and str(gone) in result.err


@row("oci", ["docker.io/library/app:1"], both=False)
def oci(tool, world):
    out = tool.new()
    tool.build(tool.folder(SMALL), "-t", "app:1", f"--oci={out}")
    return [one["annotations"]["io.containerd.image.name"]
            for one in json.loads((out / "index.json").read_text())["manifests"]]


# Display.

@row("progress", True)
def progress(tool, world):
    lines = tool.build(tool.folder(SMALL), "--progress", "rawjson", "-o",
                       f"type=oci,dest={tool.new()}").err.splitlines()
    return len(lines) > 3 and all(isinstance(json.loads(line), dict) for line in lines)


@row("logfile", True, both=False)
def logfile(tool, world):
    file = tool.new()
    tool.build(tool.folder(f"{BASE}RUN echo heard-of # LABEL\n"), "--logfile", file, "-q",
               "-o", f"type=oci,dest={tool.new()}")
    return "heard-of" in file.read_text()


@row("no-color", (True, False), both=False)
def no_color(tool, world):
    def coloured(*extra):
        terminal = Terminal([tool.ktl.program, "build", str(tool.folder(SMALL)), "--builder",
                             tool.ktl.builder, *extra], tool.env, tool.room)
        try:
            assert terminal.wait() == 0
        finally:
            terminal.close()
        return bool(re.search(rb"\x1b\[[0-9;]*3[0-9]m", terminal.raw))
    return coloured(), coloured("--no-color")


def shown_by_shell(tool, command, *flags):
    """What the shell in a failed step prints when `command` is typed, and the exit code."""
    folder = tool.folder(f"{BASE}RUN echo left >/by-the-step && false # LABEL\n")
    terminal = Terminal([tool.ktl.program, "build", str(folder), "--builder", tool.ktl.builder, "-i",
                         *flags], tool.env, tool.room)
    try:
        terminal.wait_for("exit leaves")
        terminal.type(command + "\rexit\r")
        code = terminal.wait()
    finally:
        terminal.close()
    return [line for line in terminal.lines() if line in ("left", "named sh")], code


@row("interactive", (["left"], 1), both=False)
def interactive(tool, world):
    return shown_by_shell(tool, "cat /by-the-step")


@row("interactive-shell", (["named sh"], 1), both=False)
def interactive_shell(tool, world):
    return shown_by_shell(tool, "named", "--interactive-shell",
                          """/bin/sh -c 'named() { echo "named sh"; }; read word; $word'""")


# Cache.

def cached_elsewhere(tool, world, to, source):
    """Whether a step comes from a cache when the daemon itself has forgotten all."""
    folder = tool.folder("FROM scratch\nCOPY busybox /bin/sh\nRUN echo LABEL >/it # it\n")
    tool.build(folder, *to)
    pruned = world.peer.call("prune", "--builder", "it", "--all", "--force")
    assert pruned.code == 0, pruned.err
    return tool.steps(folder, *source)


@row("cache-to", {"it": True})
def cache_to(tool, world):
    cache = tool.new("-cache")
    return cached_elsewhere(tool, world, ["--cache-to", f"type=local,dest={cache},mode=max"],
                            ["--cache-from", f"type=local,src={cache}"])


@row("cache-from", {"it": True})
def cache_from(tool, world):
    name = f"{world.registry.host}/{tool.room.name.lower().replace('_', 'x')}:cache"
    return cached_elsewhere(tool, world, ["--cache-to", f"type=registry,ref={name},mode=max"],
                            ["--cache-from", name])


@row("cache-dir", {"it": True}, both=False)
def cache_dir(tool, world):
    cache = ["--cache-dir", tool.new("-cache")]
    return cached_elsewhere(tool, world, cache, cache)


# Builder.

@row("builder", True, both=False)
def builder(tool, world):
    good = tool.run(tool.folder(SMALL))
    bad = tool.run(tool.folder(SMALL), "--builder", "unix:///no/such/socket")
    return good.code == 0 and bad.code == 6 and "/no/such/socket" in bad.err


@row("remote", (0, 6), both=False)
def remote(tool, world):
    daemon = TcpBuildkitd()
    alone = Ktl()  # no --builder names its builder
    try:
        folder = tool.folder(SMALL)
        there = alone.build(folder, "--remote", daemon.address)
        assert f"builder {daemon.address} is outside" in there.err
        gone = alone.build(folder, "--remote", "tcp://127.0.0.1:1")
        assert "tcp://127.0.0.1:1" in gone.err
        return there.code, gone.code
    finally:
        alone.close()
        daemon.close()


@row("docker-context", True, both=False)
def docker_context(tool, world):
    """No docker is there: the context's socket is the one that was asked."""
    alone = Ktl()
    try:
        meta = alone.home / ".docker/contexts/meta" / hashlib.sha256(b"far").hexdigest()
        meta.mkdir(parents=True)
        gone = alone.home / "far.sock"
        (meta / "meta.json").write_text(json.dumps(
            {"Name": "far", "Metadata": {}, "Endpoints": {"docker": {"Host": f"unix://{gone}"}}}))
        result = alone.build(tool.folder(SMALL), "--docker-context", "far")
        return result.code == 6 and str(gone) in result.err
    finally:
        alone.close()


# The client's fence; tests/e2e/sandbox has the rest.

def inside(tool, *args):
    """What a command sees in the fence that these flags make."""
    result = tool.ktl.run("sandbox", "exec", *args[:-1], "--", "sh", "-c", args[-1],
                          cwd=tool.folder(SMALL))
    return result.out.split()


@row("sandbox", 5, both=False)
def sandbox(tool, world):
    return tool.ktl.build(tool.folder(SMALL), "--sandbox", env={"KTL_SANDBOX_DISABLE": "1"}).code


@row("sandbox-config", ["lo:"], both=False)
def sandbox_config(tool, world):
    return inside(tool, "--sandbox-config", ROOT / "sandbox/ktl-hermetic.cfg",
                  "tail -n +3 /proc/net/dev | tr -s ' ' | cut -d ' ' -f 2 | head -n 1")


@row("sandbox-bin", 5, both=False)
def sandbox_bin(tool, world):
    return tool.ktl.build(tool.folder(SMALL), "--sandbox-bin", "/nowhere/nsjail").code


@row("sandbox-bind", ["note"], both=False)
def sandbox_bind(tool, world):
    (tool.room / "bound").mkdir()
    (tool.room / "bound/note").touch()
    return inside(tool, "--sandbox-bind", f"{tool.room}/bound:/bound", "ls /bound")


@row("sandbox-bind-home", True, both=False)
def sandbox_bind_home(tool, world):
    (tool.ktl.home / "at-home").touch()
    return "at-home" in inside(tool, "--sandbox-bind-home", f"ls {tool.ktl.home}")


@row("sandbox-workdir", ["/elsewhere"], both=False)
def sandbox_workdir(tool, world):
    return inside(tool, "--sandbox-workdir", "/elsewhere", "pwd")


@row("sandbox-probe-path", True, both=False)
def sandbox_probe_path(tool, world):
    result = tool.ktl.build(tool.folder(SMALL), "--sandbox-probe-path", "/etc/shadow")
    return "[sandbox] /etc/shadow: hidden" in result.err


@row("sandbox-logs", True, both=False)
def sandbox_logs(tool, world):
    return "[sandbox] [I]" in tool.ktl.build(tool.folder(SMALL), "--sandbox-logs").err


@row("require", 5, both=False)
def require(tool, world):
    return tool.ktl.build(tool.folder(SMALL), "--require", "isolation.client.network=cut").code


@row("authfile", True, both=False)
def authfile(tool, world):
    file, name = tool.new(), f"{world.locked.host}/{tool.room.name.lower().replace('_', 'x')}:1"
    subprocess.run([tool.ktl.program, "login", world.locked.host, "-u", USER, "--password-stdin",
                    "--authfile", str(file)], input=PASSWORD, text=True, check=True, env=tool.env,
                   capture_output=True)
    folder = tool.folder(SMALL)
    with_it = tool.run(folder, "-t", name, "--push", "--authfile", file)
    without = tool.run(folder, "-t", name, "--push")
    return (with_it.code, without.code) == (0, 7)


@row("trust", ["pr"], both=False)
def trust(tool, world):
    alone = Ktl()
    try:
        alone.build_ok(tool.folder(SMALL), "--trust", "pr")
        return [one["zone"] for one in alone.run("builder", "ls", "--json").json()["builders"]]
    finally:
        alone.close()


@pytest.fixture
def world(tools, registry, basic_auth_registry, busybox, tmp_path):
    return World(tools[1], registry, basic_auth_registry, busybox, tmp_path)


def flags_of_help(ktl):
    """Every flag that `ktl build --help` shows."""
    return set(re.findall(r"^(?:  -\w, | {6})--([a-z0-9-]+)", ktl.run("build", "--help").out,
                          re.MULTILINE))


def test_every_flag_has_a_row(ktl):
    shown = flags_of_help(ktl)
    assert {"file", "tag", "builder", "push"} <= shown
    assert shown == set(ROWS)


@pytest.mark.parametrize("flag", ROWS)
def test_a_flag_has_its_effect(flag, tools, world):
    wanted = ROWS[flag]
    for tool in tools[:2 if wanted.both else 1]:
        assert wanted.effect(tool, world) == wanted.expected, tool.name
