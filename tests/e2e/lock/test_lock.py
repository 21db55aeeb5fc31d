"""ktl lock: what a build is made from, written down and kept."""

import gzip
import hashlib
import json
import subprocess
import uuid

import pytest

from rig import images


def nonce():
    return uuid.uuid4().hex


def sha256(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def refused(lock):
    return {(one["method"], one["url"]): one["reason"] for one in lock["not_lockable"]}


def test_every_image_file_and_download_is_locked_and_kept(locker, context, web, registry, busybox,
                                                        frontend, digest_of):
    web.pages = {"/add": b"added\n", "/got": (b"got\n", "text/html")}
    other = images.push(registry, f"it/other-{nonce()}:1", {"bin/other": b"other"}, {})
    third = images.push(registry, f"it/third-{nonce()}:1", {"bin/third": b"third"}, {})
    step = f"RUN --mount=from={third},target=/third echo {nonce()} && wget -q -O /got {web.url}/got"
    folder = context(f"# syntax={frontend}\nFROM {busybox} AS base\nCOPY --from={other} /bin/other /\n"
                     f"ADD {web.url}/add /add\n{step}\nFROM base\nCOPY --from=base /got /again\n")
    lock, result = locker.ok(folder)
    assert {one["ref"]: one["digest"] for one in lock["images"]} == {
        name: digest_of(name) for name in (busybox, frontend, other, third)}
    assert lock["files"] == [{"url": f"{web.url}/add", "digest": sha256(b"added\n")}]
    assert lock["downloads"] == [{"step": step, "url": f"{web.url}/got", "digest": sha256(b"got\n"),
                                  "size": 4, "type": "text/html"}]
    assert lock["not_lockable"] == [] and lock["repositories"] == []
    kept = locker.kept()
    assert kept[sha256(b"got\n")].read_bytes() == b"got\n"
    assert sha256(b"added\n") in kept
    for one in lock["images"]:
        manifest = json.loads(kept[one["digest"]].read_bytes())
        assert {part["digest"] for part in [manifest["config"], *manifest["layers"]]} <= set(kept)
    assert result.out == f"{folder}/ktl.lock\n" and "not lock" not in result.err


def test_nothing_else_comes_of_it(locker, context, busybox):
    folder = context(f"FROM {busybox}\nRUN echo {nonce()}\n")
    _, result = locker.ok(folder, "-t", "it:1", "-o", f"type=local,dest={folder}/out", "--iidfile",
                          folder / "id")
    assert sorted(file.name for file in folder.iterdir()) == ["Dockerfile", "busybox", "ktl.lock"]
    assert not list((locker.ktl.home / "state/ktl/store").glob("blobs/sha256/*"))
    assert "no output was named" not in result.err


def test_the_same_build_gives_the_same_file_whatever_is_cached(locker, context, web, busybox):
    web.pages = {"/got": b"got\n"}
    folder = context(f"FROM {busybox}\nRUN echo {nonce()} && wget -q -O /got {web.url}/got\n"
                     "COPY . /all\nRUN ls /all > /list\n")
    locker.ktl.build_ok(folder)
    first, _ = locker.ok(folder)
    text = (folder / "ktl.lock").read_bytes()
    again, _ = locker.ok(folder)
    assert (folder / "ktl.lock").read_bytes() == text and first["downloads"]
    # The plain build, and twice the step and ktl itself.
    assert web.asked == [("GET", "/got")] * 5


def test_what_a_cache_mount_holds_is_fetched_again(locker, context, web, busybox):
    web.pages = {"/got": b"got\n"}
    name = nonce()
    folder = context(f"FROM {busybox}\nRUN --mount=type=cache,id={name},target=/c "
                     f"test -e /c/got || wget -q -O /c/got {web.url}/got\n")
    for _ in range(2):
        lock, _ = locker.ok(folder)
        assert [one["url"] for one in lock["downloads"]] == [f"{web.url}/got"]


def raw(method, url):
    """A request by hand: busybox' wget sends nothing but GET to a proxy."""
    head = f"{method} {url}/ HTTP/1.0\\r\\nContent-Length: 1\\r\\n\\r\\nx"
    return f"at=${{http_proxy#http://}}; printf '{head}' | nc ${{at%:*}} ${{at#*:}}"


def test_what_no_lock_can_hold_is_listed_with_its_reason(locker, context, web, busybox):
    web.pages = {"/": b"index", "/range": b"whole", "/to": b"there",
                 "/moved": lambda handler: handler.send(302, Location="/to"),
                 "/part": lambda handler: handler.send(206, b"wh", Content_Range="bytes 0-1/5"),
                 "/packed": lambda handler: handler.send(200, gzip.compress(b"x", mtime=0),
                                                         Content_Encoding="gzip")}
    web.changing("/now")
    get = f"wget -q -O /dev/null {web.url}"
    step = (f"RUN echo {nonce()}; {get}/range --header 'Range: bytes=0-1'; {get}/moved; {get}/part; "
            f"{get}/packed; {get}/now; {get}/none; {raw('POST', web.url)}; {raw('PUT', web.url)}; "
            f"{raw('HEAD', web.url)}; true")
    lock, result = locker.ok(context(f"FROM {busybox}\n{step}\n"))
    why = refused(lock)
    for method, path, word in [("POST", "/", "POST"), ("GET", "/range", "part"),
                               ("GET", "/moved", "elsewhere"), ("GET", "/part", "part"),
                               ("GET", "/packed", "encoded"), ("GET", "/now", "another content"),
                               ("HEAD", "/", "HEAD"), ("PUT", "/", "PUT"), ("GET", "/none", "404")]:
        assert word in why.pop((method, web.url + path)), path
        assert f"not lockable: step {step[:40]}" in result.err
        assert f"{method} {web.url}{path}: " in result.err
    assert not why
    assert [one["url"] for one in lock["downloads"]] == [f"{web.url}/to"]
    assert all(one["step"] == step for one in lock["not_lockable"])


def test_an_index_that_looks_at_what_is_accepted(locker, context, web, busybox):
    form = "application/vnd.pypi.simple.v1+json"
    accept = f"{form}, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01"

    def page(handler):
        wants = form in handler.headers.get("Accept", "")
        handler.send(200, b"{}" if wants else b"<html>", Content_Type=form if wants else "text/html")

    web.pages["/simple/"] = page
    folder = context(f"FROM {busybox}\nRUN echo {nonce()} && wget -q -O /p --header 'Accept: {accept}' "
                     f"{web.url}/simple/\n")
    lock, _ = locker.ok(folder)
    (one,) = lock["downloads"]
    assert one["digest"] == sha256(b"{}") and one["type"] == form


def test_two_steps_of_one_instruction_each(locker, context, web, busybox):
    web.pages = {"/a": b"a", "/b": b"b"}
    folder = context(f"FROM {busybox} AS one\nRUN echo {nonce()} && wget -q -O /a {web.url}/a\n"
                     f"FROM {busybox}\nCOPY --from=one /a /\nRUN wget -q -O /b {web.url}/b\n")
    lock, _ = locker.ok(folder)
    assert [(one["step"].split()[-1], one["url"]) for one in lock["downloads"]] == [
        (f"{web.url}/{name}", f"{web.url}/{name}") for name in "ab"]


def test_an_image_by_its_digest_keeps_its_name(locker, context, busybox, digest_of):
    pinned = f"{busybox}@{digest_of(busybox)}"
    lock, _ = locker.ok(context(f"FROM {pinned}\nRUN echo {nonce()}\n"))
    assert [one["ref"] for one in lock["images"]] == [pinned]
    lock, _ = locker.ok(context(f"ARG BASE={busybox}\nFROM $BASE\nRUN echo {nonce()}\n", name="b"))
    assert [one["ref"] for one in lock["images"]] == [busybox]


def git(folder, *args):
    return subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@example.com", *args],
                          cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


def test_a_git_repository_is_locked_by_its_commit(locker, context, web, tmp_path):
    work, bare = tmp_path / "work", tmp_path / "x.git"
    (work / "sub").mkdir(parents=True)
    (work / "sub/word").write_text(nonce())
    git(work, "init", "-q", "-b", "main")
    git(work, "add", ".")
    git(work, "commit", "-qm", "one")
    git(tmp_path, "clone", "-q", "--bare", work, bare)
    git(bare, "update-server-info")
    web.pages = {f"/x.git/{file.relative_to(bare)}": file.read_bytes()
                 for file in bare.rglob("*") if file.is_file()}
    url = f"{web.url}/x.git#main:sub"
    lock, _ = locker.ok(context(f"FROM scratch\nADD {url} /x\n"))
    assert lock["repositories"] == [{"url": url, "commit": git(work, "rev-parse", "HEAD")}]


def test_a_step_that_fails_writes_nothing(locker, context, web, busybox):
    folder = context(f"FROM {busybox}\nRUN wget -q -O /x {web.url}/none\n")
    result = locker.run(folder)
    assert result.code == 1 and "RUN wget" in result.err
    assert not (folder / "ktl.lock").exists()


def test_a_registry_that_is_gone_afterwards_is_a_remark(locker, context, fresh_registry, busybox, web):
    """The builder has the image, ktl cannot have it."""
    base = images.push(fresh_registry, "it/base:1", images.busybox_files(), {"Env": ["PATH=/bin"]})

    def last(handler):
        fresh_registry.stop()
        handler.send(200, b"x")

    web.pages["/last"] = last
    lock, result = locker.ok(context(f"FROM {base}\nRUN echo {nonce()} && wget -q -O /x {web.url}/last\n"))
    assert [one["ref"] for one in lock["images"]] == [base]
    assert f"{base} is locked and not kept" in result.err


def test_the_oldest_content_goes_first(locker, context, web, busybox):
    web.pages = {"/old": b"o" * 3_000_000, "/new": b"n" * 3_000_000}
    locker.ok(context(f"FROM scratch\nADD {web.url}/old /\n", name="old"))
    _, result = locker.ok(context(f"FROM scratch\nADD {web.url}/new /\n", name="new"),
                          "--keep-limit", "4MB")
    assert set(locker.kept()) == {sha256(web.pages["/new"])}
    _, result = locker.ok(context(f"FROM scratch\nADD {web.url}/new /\n", name="none"),
                          "--keep-limit", "1MB")
    assert "without a network will miss something" in result.err


def test_an_archive_brings_lock_and_content_to_another_machine(locker, context, web, busybox,
                                                              lone_ktl):
    web.pages = {"/add": b"added\n", "/got": b"got\n"}
    text = (f"FROM {busybox}\nADD {web.url}/add /\nRUN echo {nonce()} && "
            f"wget -q -O /got {web.url}/got\n")
    folder = context(text)
    locker.ok(folder)
    archive = locker.ktl.home / "lock.tar"
    done = locker.run(folder, "--export", archive)
    assert done.code == 0 and done.out == f"{archive}\n", done.err
    from lock.conftest import Locker
    there, other = Locker(lone_ktl), context(text, name="there")
    done = there.run(other, "--import", archive)
    assert done.code == 0 and done.out == f"{other}/ktl.lock\n", done.err
    assert (other / "ktl.lock").read_bytes() == (folder / "ktl.lock").read_bytes()
    assert set(there.kept()) == set(locker.kept())
    assert there.run(other, "--import", archive).code == 0
    (other / "ktl.lock").write_text("{}")
    done = there.run(other, "--import", archive)
    assert done.code == 2 and "another ktl.lock is there" in done.err
    assert (other / "ktl.lock").read_text() == "{}"


def test_an_archive_of_what_is_not_kept_is_not_written(locker, context, web, busybox):
    web.pages = {"/add": b"added\n"}
    folder = context(f"FROM scratch\nADD {web.url}/add /\n")
    locker.ok(folder)
    locker.kept()[sha256(b"added\n")].unlink()
    done = locker.run(folder, "--export", folder / "x.tar")
    assert done.code == 7 and f"{web.url}/add is not kept" in done.err
    assert not (folder / "x.tar").exists()


def test_a_damaged_archive_is_not_believed(locker, context, web):
    web.pages = {"/add": b"added\n" * 1000}
    folder = context(f"FROM scratch\nADD {web.url}/add /\n")
    locker.ok(folder)
    archive = folder / "x.tar"
    assert locker.run(folder, "--export", archive).code == 0
    data = archive.read_bytes()
    archive.write_bytes(data.replace(b"added\nadded", b"added\nADDED"))
    (folder / "ktl.lock").unlink()
    done = locker.run(folder, "--import", archive)
    assert done.code == 9, done.err
    archive.write_bytes(data[:2000])
    done = locker.run(folder, "--import", archive)
    assert done.code == 2 and "x.tar" in done.err
    assert not (folder / "ktl.lock").exists()


@pytest.mark.parametrize("args", [("--check",), ("--print",), ("--network=host",), ("--keep-limit", "x"),
                                  ("--export", "a", "--import", "b"), ("--export", "a"), ("--nothing",)])
def test_what_cannot_be_meant_is_usage(locker, context, args):
    folder = context("FROM scratch\nCOPY busybox /\n")
    done = locker.run(folder, *args)
    assert done.code == 2, done.err
    assert not (folder / "ktl.lock").exists()


def test_a_secret_in_a_url_is_not_written_down(locker, context, web, busybox):
    web.pages = {"/x?key=5ecretofthetest": b"x"}
    folder = context(f"FROM {busybox}\nRUN --mount=type=secret,id=key echo {nonce()} && "
                     f"wget -q -O /x {web.url}/x?key=$(cat /run/secrets/key)\n")
    lock, result = locker.ok(folder, "--secret", "id=key,env=KEY", env={"KEY": "5ecretofthetest"})
    assert lock["downloads"] == [] and len(lock["not_lockable"]) == 1
    assert "secret" in lock["not_lockable"][0]["reason"]
    assert "5ecretofthetest" not in (folder / "ktl.lock").read_text() + result.err


def test_targets_of_one_context_have_one_lock(locker, context, web, busybox):
    web.pages = {"/a": b"a", "/b": b"b"}
    text = f"FROM {busybox} AS base\nRUN echo {nonce()} && wget -q -O /a {web.url}/a\n"
    folder = context(text, {"Dockerfile.app": f"FROM base\nRUN wget -q -O /b {web.url}/b\n",
                            "ktl.yaml": "targets:\n  base: {context: .}\n"
                                        "  app: {context: ., file: Dockerfile.app, needs: [base]}\n"})
    result = locker.ktl.run("lock", "base", "app", "--builder", locker.ktl.builder, "--project",
                            folder / "ktl.yaml", cwd=folder)
    assert result.code == 0, result.err
    lock = json.loads((folder / "ktl.lock").read_text())
    assert [one["url"] for one in lock["downloads"]] == [f"{web.url}/a", f"{web.url}/b"]
    assert [one["ref"] for one in lock["images"]] == [busybox]


def test_the_private_builder_records_too(lone_ktl, context, web):
    """By the way that it opens to registries of this machine's: there is no other to a test's server."""
    from lock.conftest import Locker
    web.pages = {"/got": b"got\n"}
    locker, host = Locker(lone_ktl), web.url.removeprefix("http://")
    (lone_ktl.home / "config/ktl").mkdir()
    (lone_ktl.home / "config/ktl/config.yaml").write_text(
        f"registries: {{'{host}': {{http: true}}}}\n")
    lock, _ = locker.ok(context(images.BASE + f"RUN echo {nonce()} && wget -q -O /got {web.url}/got\n"))
    assert [one["url"] for one in lock["downloads"]] == [f"{web.url}/got"]
    assert sha256(b"got\n") in locker.kept()
