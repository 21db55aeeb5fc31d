"""buildctl and ktl build the same: whoever comes second finds every step cached and makes the
same manifest, on a daemon that was empty before."""

import dataclasses
import functools
import http.server
import json
import os
import pathlib
import re
import shutil
import tarfile
import threading

import pytest

from rig import images

CASES = pathlib.Path(__file__).parent / "cases"


@dataclasses.dataclass
class Case:
    """What ktl and buildctl are both told; `prepare` completes the copied context."""

    target: str = ""
    platforms: str = ""
    args: dict = dataclasses.field(default_factory=dict)
    labels: dict = dataclasses.field(default_factory=dict)
    secrets: dict = dataclasses.field(default_factory=dict)
    prepare: object = None


def add_tar(folder):
    with tarfile.open(folder / "files.tar", "w") as tar:
        for name in ("one", "sub/two"):
            entry = tarfile.TarInfo(name)
            entry.size = 0
            tar.addfile(entry)


def file_kinds(folder):
    """Kinds of files that git does not keep."""
    tree = folder / "tree"
    (tree / "dir").mkdir(parents=True)
    (tree / "plain").write_text("plain")
    (tree / "dir/empty").write_text("")
    os.link(tree / "plain", tree / "dir/hard")
    os.symlink("../plain", tree / "dir/soft")
    os.symlink("loop", tree / "loop")
    os.symlink("/absolute/nowhere", tree / "dangling")
    (tree / "sparse").write_bytes(b"")
    os.truncate(tree / "sparse", 1 << 20)
    (tree / "executable").write_text("#!/bin/sh\n")
    (tree / "executable").chmod(0o4755)
    (tree / "dir").chmod(0o1777)
    (tree / "späce and ünïcode").write_text("x")
    (tree / "new\nline").write_text("x")
    for name in ("a-b", "a.b", "a b"):
        (tree / name).write_text(name)
    (tree / "a").mkdir()
    (tree / "a/b").write_text("sorts before a-b")
    os.setxattr(tree / "plain", "user.demo", b"value")


def syntax_line(folder, frontend):
    text = (folder / "Dockerfile").read_text().replace("FRONTEND", frontend)
    (folder / "Dockerfile").write_text(text)


TABLE = {
    "multi-stage": Case(),
    "heredocs": Case(),
    "mounts": Case(),
    "secrets": Case(secrets={"token": "parity-secret-value"}),
    "platforms-by-copy": Case(platforms="linux/amd64,linux/arm64"),
    "cross-compiling": Case(platforms="linux/amd64,linux/arm64,linux/arm/v7"),
    "arg-in-from": Case(args={"FLAVOUR": "spicy", "GREETING": "two words"}),
    "copy-link": Case(),
    "copy-from-image": Case(),
    "copy-parents": Case(),
    "add": Case(prepare=add_tar),
    "ignore-file": Case(),
    "metadata": Case(args={"VERSION": "7"}, labels={"org.example.label": "from the command line"}),
    "escapes": Case(),
    "file-kinds": Case(prepare=file_kinds),
    "target": Case(target="second"),
    "syntax": Case(),
}


@pytest.fixture(scope="module")
def download():
    """A URL on loopback that serves one file, for ADD."""
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", "11")
            self.send_header("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT")
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(b"downloaded\n")

        do_HEAD = do_GET

        def log_message(self, *_):
            """Nothing on stderr."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/file"
    server.shutdown()
    server.server_close()


@pytest.fixture
def prepared(tmp_path, busybox, frontend, download):
    """The context of a case, complete, and its build arguments."""
    def prepare(name):
        case = TABLE[name]
        folder = tmp_path / name
        shutil.copytree(CASES / name, folder)
        if case.prepare:
            case.prepare(folder)
        syntax_line(folder, frontend)
        return folder, {"BASE": busybox, "FILE_URL": download, **case.args}

    return prepare


def by_buildctl(daemon, case, folder, args, work):
    """(steps: name -> cached, digest), staged as an OCI layout as ktl stages it."""
    words = ["build", "--progress", "rawjson", "--frontend", "dockerfile.v0", "--local",
             f"context={folder}", "--local", f"dockerfile={folder}", "--metadata-file",
             work / "meta.json", "--output", f"type=oci,tar=false,dest={work / 'layout'}"]
    words += [w for k, v in args.items() for w in ("--opt", f"build-arg:{k}={v}")]
    words += [w for k, v in case.labels.items() for w in ("--opt", f"label:{k}={v}")]
    words += ["--opt", f"target={case.target}"] if case.target else []
    words += ["--opt", f"platform={case.platforms}"] if case.platforms else []
    for name, value in case.secrets.items():
        (work / name).write_text(value)
        words += ["--secret", f"id={name},src={work / name}"]
    done = daemon.buildctl(*words)
    assert done.returncode == 0, done.stderr
    steps = {}
    for line in done.stderr.splitlines():
        if not line.startswith("{"):  # buildctl logs its own warnings in between
            continue
        for vertex in json.loads(line).get("vertexes") or []:
            if vertex.get("completed"):
                steps[vertex["name"]] = vertex.get("cached", False)
    return steps, json.loads((work / "meta.json").read_text())["containerimage.digest"]


def by_ktl(ktl, case, folder, args, work):
    words = ["--progress", "rawjson", "-t", f"parity/{folder.name}:1", "--metadata-file",
             work / "ktl-meta.json"]
    words += [w for k, v in args.items() for w in ("--build-arg", f"{k}={v}")]
    words += [w for k, v in case.labels.items() for w in ("--label", f"{k}={v}")]
    words += ["--target", case.target] if case.target else []
    words += ["--platform", case.platforms] if case.platforms else []
    words += [w for name in case.secrets for w in ("--secret", f"id={name},env={name.upper()}")]
    env = {name.upper(): value for name, value in case.secrets.items()}
    done = ktl.build_ok(folder, *words, env=env)
    steps = {}
    for line in done.err.splitlines():
        event = json.loads(line)
        if event["type"] == "vertex.completed/1":
            steps[event["body"]["name"]] = event["body"]["cached"]
    return steps, json.loads((work / "ktl-meta.json").read_text())["containerimage.digest"]


def masked(steps, case):
    """Steps by the names that ktl shows, which has no value of a secret in them."""
    for value in case.secrets.values():
        steps = {name.replace(value, "***"): cached for name, cached in steps.items()}
    return steps


def user_steps(steps):
    """The steps the user wrote: "[2/3] RUN ...", not "[internal] ..." nor the export. A FROM of a
    registry is resolved anew and never counts as cached work."""
    return {name: cached for name, cached in steps.items()
            if re.match(r"\[(?![^\]]*internal\])[^\]]*\] (?!FROM )", name)}


@pytest.mark.parametrize("order", ["buildctl-first", "ktl-first"])
@pytest.mark.parametrize("name", TABLE)
def test_same_steps_same_digest(name, order, prepared, fresh_buildkitd, ktl, tmp_path):
    case = TABLE[name]
    folder, args = prepared(name)
    ktl.builder = fresh_buildkitd.address
    builders = [functools.partial(by_buildctl, fresh_buildkitd), functools.partial(by_ktl, ktl)]
    if order == "ktl-first":
        builders.reverse()
    first_steps, first_digest = builders[0](case, folder, args, tmp_path)
    second_steps, second_digest = builders[1](case, folder, args, tmp_path)
    assert user_steps(first_steps), "the first build showed no step"
    assert not any(user_steps(first_steps).values()) or name == "copy-from-image"
    assert masked(user_steps(second_steps), case).keys() == masked(user_steps(first_steps), case).keys()
    missed = [step for step, cached in user_steps(second_steps).items() if not cached]
    assert not missed, f"built again: {missed}"
    assert second_digest == first_digest


def test_skopeo_reads_what_was_kept(prepared, ktl, tmp_path):
    """Every platform of an image in ktl's OCI output is complete and consistent."""
    folder, args = prepared("cross-compiling")
    ktl.build_ok(folder, "--platform", "linux/amd64,linux/arm64", "-t", "parity/skopeo:1",
                 f"--oci={tmp_path / 'out'}", "--build-arg", f"BASE={args['BASE']}")
    images.skopeo("copy", "--all", f"oci:{tmp_path / 'out'}", f"oci:{tmp_path / 'copy'}:1")
    facts = images.inspect(f"oci:{tmp_path / 'copy'}:1")
    assert facts["Os"] == "linux"
