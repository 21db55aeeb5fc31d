"""`cd repo && ktl build .` in a repository of strangers: its ktl.yaml may describe the build, and
nothing else. Each attempt is refused with its place before anything of it happens."""

import os
import shutil
import socket

import pytest

from rig.plugins import build_plugins

HELLO = 'FROM scratch\nCOPY busybox /bin/busybox\nRUN ["/bin/busybox", "true"]\n'


@pytest.fixture(scope="session")
def canary_plugin():
    """A plugin that says so by a file when it is loaded."""
    folder = build_plugins()
    yield folder / "plugins" / "judge.so"
    shutil.rmtree(folder)


class Repository:
    """A cloned repository, with a plugin and a socket in it that show when they are used."""

    def __init__(self, ktl, folder, plugin):
        self.ktl, self.folder = ktl, folder
        self.canary = ktl.home / "canary"
        (folder / "evil").mkdir()
        shutil.copy(plugin, folder / "evil" / "judge.so")
        os.chmod(folder / "evil" / "judge.so", 0o755)
        (folder / "sub").mkdir()
        (folder / "sub" / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /\n")
        (folder / "link").symlink_to("/etc")
        self.listener = socket.socket(socket.AF_UNIX)
        self.address = ktl.home / "evil.sock"
        self.listener.bind(str(self.address))
        self.listener.listen()
        self.listener.setblocking(False)

    def write(self, text):
        text = text.replace("EVIL", str(self.address)).replace("HERE", str(self.folder))
        (self.folder / "ktl.yaml").write_text(text)

    def run(self, *args, cwd=None, env=None):
        return self.ktl.run(*args, cwd=cwd or self.folder, timeout=60,
                            env={"E2E_CANARY": str(self.canary), **(env or {})})

    def untouched(self):
        assert not self.canary.exists(), "code of the repository has run"
        with pytest.raises(BlockingIOError):
            self.listener.accept()
        assert not list(self.ktl.home.rglob("records/*.json")), "a build has begun"

    def refuses(self, result, line=None):
        where = f"{self.folder}/ktl.yaml" + (f":{line}:" if line else "")
        assert result.code == 2, f"{result.code}\n{result.out}\n{result.err}"
        assert where in result.err, result.err
        assert result.out == ""
        self.untouched()

    def close(self):
        self.listener.close()


@pytest.fixture
def repository(ktl, context, canary_plugin):
    made = Repository(ktl, context(HELLO), canary_plugin)
    yield made
    made.close()


PLUGIN = "plugins:\n  - {id: e2e.judge, path: evil/judge.so}\n"

RUNS_CODE = [
    (PLUGIN, 1),
    ("plugin-dirs: [evil]\n", 1),
    ("build: {}\nplugin-dirs: [evil]\nplugins: [{id: e2e.judge}]\n", 3),
    ("plugins:\n  - {id: ktl.export.oci, enabled: false}\n", 1),
    ("defaults:\n  plugin-dir: evil\n", 2),
    ("defaults:\n  sandbox-bin: HERE/evil/judge.so\n", 2),
    ("defaults:\n  sandbox-config: HERE/evil/x.cfg\n", 2),
    ("defaults:\n  sandbox: false\n", 2),
    ("defaults:\n  sandbox-bind: /:/host:rw\n", 2),
    ("defaults:\n  policy: HERE/evil\n", 2),
    ("profiles:\n  ci:\n    flags: {plugin-dir: evil}\n", 3),
    ("default-targets: [a]\ntargets:\n  a: {context: sub}\n" + PLUGIN, 4),
]
CHOOSES_THE_BUILDER = [
    ("builder: unix://EVIL\n", 1),
    ("defaults:\n  builder: unix://EVIL\n", 2),
    ("builders:\n  auto2: {address: 'unix://EVIL'}\n", 1),
    ("profiles:\n  dev:\n    flags: {builder: 'unix://EVIL'}\n", 3),
    ("defaults: {docker-context: evil}\n", 1),
    ("defaults: {remote: 'tcp://evil:1'}\n", 1),
    ("registries: {docker.io: {mirrors: ['evil:5000'], insecure: true}}\n", 1),
]
TAKES_AWAY = [
    ("build:\n  secrets: [TOKEN]\n", 2),
    ("build:\n  secrets: [{id: key, src: /etc/passwd}]\n", 2),
    ("build:\n  secrets: [{id: key, src: link/passwd}]\n", 2),
    ("targets:\n  a:\n    secrets: [{id: key, env: TOKEN}]\n", 3),
    ("defaults:\n  secret: TOKEN\n", 2),
    ("defaults:\n  secret: ['id=key,src=/etc/passwd']\n", 2),
    ("defaults:\n  ssh: default\n", 2),
    ("defaults:\n  build-arg: [TOKEN]\n", 2),
    ("defaults:\n  authfile: evil.json\n", 2),
    ("build:\n  file: /etc/passwd\n", 2),
    ("build:\n  file: ../../../../etc/passwd\n", 2),
    ("build:\n  file: link/passwd\n", 2),
    ("build:\n  contexts: {root: /}\n", 2),
    ("build:\n  contexts: {root: link}\n", 2),
    ("targets:\n  a: {context: /}\n", 2),
    ("targets:\n  a: {context: ../..}\n", 2),
    ("targets:\n  a: {context: link}\n", 2),
]
WRITES_OR_LOOSENS = [
    ("defaults:\n  push: true\n", 2),
    ("defaults:\n  oci: ../out\n", 2),
    ("defaults:\n  iidfile: /tmp/evil-id\n", 2),
    ("defaults:\n  metadata-file: ../m.json\n", 2),
    ("build:\n  outputs: [{type: local, dest: ../../out}]\n", 2),
    ("defaults: {cache-to: 'type=registry,ref=evil/x'}\n", 1),
    ("build:\n  network: host\n", 2),
    ("build:\n  pull: false\n", 2),
    ("defaults: {secrets: 'off'}\n", 1),
    ("defaults: {policy-mode: warn}\n", 1),
    ("defaults: {allow: security.insecure}\n", 1),
    ("defaults: {trust: default}\n", 1),
]


@pytest.mark.parametrize("yaml, line",
                         RUNS_CODE + CHOOSES_THE_BUILDER + TAKES_AWAY + WRITES_OR_LOOSENS)
def test_an_attempt_is_refused_with_its_place(repository, yaml, line):
    repository.write(yaml)
    result = repository.run("build", ".", "--progress", "plain", env={"TOKEN": "t0p-s3cr3t-value"})
    repository.refuses(result, line)
    assert "t0p-s3cr3t-value" not in result.err
    assert "ktl config trust" in result.err or "cannot be set by a file" in result.err


@pytest.mark.parametrize("args, below", [
    (["build", "."], "."),
    (["build", "."], "sub"),
    (["build", "sub"], "."),
    (["build", ".."], "sub"),
    (["build", "/etc"], "."),
    (["build"], "."),
    (["build", "--print", "."], "."),
    (["build", "--help"], "."),
    (["doctor"], "."),
    (["doctor"], "sub"),
    (["plugin", "list"], "."),
    (["config", "show"], "."),
    (["builder", "inspect"], "."),
    (["help"], "sub"),
])
def test_no_command_loads_what_a_repository_brings(repository, args, below):
    repository.write(PLUGIN)
    result = repository.run(*args, cwd=repository.folder / below)
    repository.untouched()
    if args[0] == "help" or "--help" in args:
        assert result.code == 0 and "plugins are not shown" in result.err
    elif args[0] == "doctor":
        assert result.code != 0 and "nobody has trusted this file" in result.out
    else:
        repository.refuses(result, 1)


def test_the_canary_sings_when_the_caller_asks_for_it(repository):
    """What the other tests rest on: the plugin does run once its file is named."""
    repository.write(PLUGIN.replace("so}", "so, config: {end: pass}}"))
    result = repository.run("build", ".", "--project", "ktl.yaml", "--builder",
                            repository.ktl.builder, "--progress", "plain")
    assert result.code == 0, result.err
    assert repository.canary.exists()


def test_inputs_of_a_strange_file_count(repository):
    repository.write("build: {labels: {from: repository}, network: none}\n")
    result = repository.run("build", ".", "--print=request")
    assert result.code == 0, result.err
    assert result.json()["labels"] == {"from": "repository"}
    assert result.json()["origin"]["labels.from"].endswith("ktl.yaml:1:18")


def test_a_strange_file_does_not_choose_the_names_to_push(repository, fresh_registry):
    repository.write(f"build: {{tags: ['{fresh_registry.host}/prod:latest']}}\n")
    result = repository.run("build", ".", "--push", "--builder", repository.ktl.builder)
    repository.refuses(result, 1)
    assert "names to push" in result.err
    assert fresh_registry.requests() == []
    mine = repository.run("build", ".", "--push", "-t", f"{fresh_registry.host}/mine:1",
                          "--builder", repository.ktl.builder)
    assert mine.code == 0, mine.err


def test_what_the_caller_sets_is_the_callers(repository):
    repository.write("targets: {a: {}}\n")
    result = repository.run("build", "a", "--set", "a.secrets=TOKEN", "--print",
                            env={"TOKEN": "t0p-s3cr3t-value"})
    assert result.code == 0, result.err
    assert result.json()["secrets"] == [{"id": "TOKEN", "env": "TOKEN"}]
    assert "t0p-s3cr3t-value" not in result.out


@pytest.mark.parametrize("make", ["link", "dangling", "fifo", "folder", "everybody's"])
def test_what_is_no_file_of_the_users_is_refused(repository, make):
    file = repository.folder / "ktl.yaml"
    if make == "link":
        (repository.ktl.home / "mine.yaml").write_text(PLUGIN)
        file.symlink_to(repository.ktl.home / "mine.yaml")
    elif make == "dangling":
        file.symlink_to("nowhere")
    elif make == "fifo":
        os.mkfifo(file)
    elif make == "folder":
        file.mkdir()
    else:
        file.write_text("build: {}\n")
        file.chmod(0o666)
    result = repository.run("build", ".")
    assert result.code == 2, result.err
    assert str(file) in result.err
    repository.untouched()
    assert repository.run("config", "trust", "ktl.yaml").code == 2


@pytest.mark.parametrize("yaml", [
    "a: &a [x, x]\nb: [*a, *a]\n",
    "build: &b {}\n",
    "build: {<<: {target: x}}\n",
    "build: !!python/object/apply:os.system {}\n",
    "build: {}\n---\nplugins: []\n",
    "build: {target: a, target: b}\n",
    "build: {pull: off}\n",
    "build: {target: 010}\n",
    "[" * 40 + "]" * 40,
    "build: {target: '" + "x" * (1 << 20) + "'}\n",
    "\ufeff%YAML 1.1\n---\nbuild: {}\n",
])
def test_yaml_that_two_readers_would_read_differently_is_refused(repository, yaml):
    repository.write(yaml)
    repository.refuses(repository.run("build", "."))
