"""Contexts that are no folder, further contexts, and caches."""

import functools
import gzip
import http.server
import io
import subprocess
import tarfile
import threading

import pytest

from rig import images
from rig.images import BASE
from rig.plugins import judged

COPY = "FROM scratch\nCOPY word /\n"


def tar_of(files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            tar.addfile(entry, io.BytesIO(text.encode()))
    return out.getvalue()


def piped(ktl, data, *args, code=0):
    done = subprocess.run([ktl.program, "build", *map(str, args), "--builder", ktl.builder,
                           "--progress", "plain"], input=data, env=ktl.env, cwd=ktl.home,
                          capture_output=True, timeout=180, check=False)
    assert done.returncode == code, done.stderr.decode()
    return done


@pytest.fixture
def web(tmp_path):
    """A folder served on loopback: (folder, URL)."""
    folder = tmp_path / "web"
    folder.mkdir()
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    handler.log_message = lambda *_: None
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield folder, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["tar", "gzip"])
def test_a_tar_file_on_stdin(pack, ktl, tmp_path):
    data = pack(tar_of({"Dockerfile": COPY, "word": "from stdin", "Other": COPY + "LABEL a=b\n"}))
    piped(ktl, data, "-", "-o", tmp_path / "out")
    assert (tmp_path / "out/word").read_text() == "from stdin"
    piped(ktl, data, "-", "-f", "Other", "-o", tmp_path / "other")
    assert (tmp_path / "other/word").read_text() == "from stdin"
    assert not list((ktl.home / "cache").rglob("context.tar"))


def test_a_dockerfile_on_stdin(ktl, context, tmp_path):
    piped(ktl, b"FROM scratch\nLABEL a=b\n", "-", "-t", "x:1")
    folder = context("FROM nowhere.invalid/x\n", {"word": "in the folder"})
    piped(ktl, COPY.encode(), folder, "-f", "-", "-o", tmp_path / "out")
    assert (tmp_path / "out/word").read_text() == "in the folder"
    both = piped(ktl, b"FROM scratch\n", "-", "-f", "-", code=2)
    assert b"cannot both" in both.stderr
    piped(ktl, b"", "-", code=2)


def test_a_context_that_the_builder_fetches(ktl, web, tmp_path):
    folder, url = web
    (folder / "c.tar").write_bytes(tar_of({"Dockerfile": COPY, "word": "from a URL"}))
    ktl.build_ok(f"{url}/c.tar", "-o", tmp_path / "out")
    assert (tmp_path / "out/word").read_text() == "from a URL"
    (folder / "Dockerfile").write_text("FROM scratch\nADD Dockerfile /d\n")
    result = ktl.build(f"{url}/missing.tar")
    assert result.code == 1, result.err


def git(folder, *args):
    subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@example.com", *args],
                   cwd=folder, check=True, capture_output=True)


def test_a_git_repository(ktl, web, tmp_path):
    folder, url = web
    work = tmp_path / "work"
    (work / "sub").mkdir(parents=True)
    (work / "sub/Dockerfile").write_text(COPY)
    (work / "sub/word").write_text("from git")
    git(work, "init", "-q", "-b", "main")
    git(work, "add", ".")
    git(work, "commit", "-qm", "one")
    git(tmp_path, "clone", "-q", "--bare", work, folder / "x.git")
    git(folder / "x.git", "update-server-info")
    ktl.build_ok(f"{url}/x.git#main:sub", "-o", tmp_path / "out")
    assert (tmp_path / "out/word").read_text() == "from git"


def test_further_contexts(ktl, context, busybox, tmp_path):
    folder = context("FROM base AS b\nFROM scratch\nCOPY --from=more /word /\n"
                     "COPY --from=layout /bin/busybox /bb\nCOPY --from=b /bin/busybox /base\n")
    more = tmp_path / "more"
    more.mkdir()
    (more / "word").write_text("more")
    images.write_layout(tmp_path / "layout", {"bin/busybox": b"layout"}, {})
    ktl.build_ok(folder, "--build-context", f"more={more}", "--build-context",
                 f"layout=oci-layout://{tmp_path / 'layout'}:it", "--build-context",
                 f"base=docker-image://{busybox}", "-o", tmp_path / "out")
    assert (tmp_path / "out/word").read_text() == "more"
    assert (tmp_path / "out/bb").read_bytes() == b"layout"
    assert (tmp_path / "out/base").stat().st_size > 100_000


@pytest.mark.parametrize("where", ["local", "registry"])
def test_a_cache_serves_another_builder(where, ktl, buildkitd, fresh_buildkitd, context, registry,
                                        tmp_path):
    folder = context(f"{BASE}RUN echo made-{ktl.label} >/made\n")
    if where == "local":
        to, source = f"type=local,dest={tmp_path / 'c'},mode=max", f"type=local,src={tmp_path / 'c'}"
    else:
        to = f"type=registry,ref={registry.host}/cache:{ktl.label},mode=max"
        source = f"{registry.host}/cache:{ktl.label}"
    first = ktl.build_ok(folder, "--cache-to", to, "--cache-from", source)
    assert not first.cached("made-"), first.err
    ktl.builder = fresh_buildkitd.address
    again = ktl.build_ok(folder, "--cache-from", source)
    assert again.cached("made-"), again.err


def test_no_cache_leaves_when_a_gate_refuses(ktl, context, tmp_path, plugins):
    result = ktl.build(context(f"{BASE}RUN true\n"), "--project", judged(ktl, plugins, "block"),
                       "--cache-to", f"type=local,dest={tmp_path / 'c'}")
    assert result.code == 3, result.err
    assert not (tmp_path / "c/index.json").exists() or \
        '"manifests":[]' in (tmp_path / "c/index.json").read_text().replace(" ", "")
