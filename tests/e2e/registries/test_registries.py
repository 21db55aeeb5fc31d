"""`registries:` of a project file: certificates, mirrors, a proxy, for ktl itself and its builder."""

import base64
import json
import select
import socket
import threading

import pytest

from rig import images
from rig.ktl import Ktl
from rig.registry import PASSWORD, USER, Registry, token_registry
from rig.tokens import TokenServer
from transports.daemons import Authority

NAME = "registry.invalid"  # no such host: whoever asks for it has to ask the proxy
SMALL = "FROM scratch\nCOPY Dockerfile /it\n"


class Tunnels:
    """A proxy on loopback that takes CONNECT for any name and leads to one port."""

    def __init__(self, port):
        self.port = port
        self.asked = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.tunnel, args=(client,), daemon=True).start()

    def tunnel(self, client):
        head = b""
        while b"\r\n\r\n" not in head:
            piece = client.recv(4096)
            if not piece:
                return
            head += piece
        self.asked.append(head.split(b"\r\n")[0].decode())
        server = socket.create_connection(("127.0.0.1", self.port))
        client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        other = {client: server, server: client}
        while True:
            for ready in select.select(list(other), [], [])[0]:
                piece = ready.recv(1 << 16)
                if not piece:
                    client.close()
                    server.close()
                    return
                other[ready].sendall(piece)

    def close(self):
        self.listener.close()


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def tls_registry(authority):
    registry = Registry(tls=authority.issue("registry", f"IP:127.0.0.1,DNS:{NAME}"))
    yield registry
    registry.close()


@pytest.fixture
def proxy(tls_registry):
    proxy = Tunnels(tls_registry.port)
    yield proxy
    proxy.close()


def rules(folder, registries):
    """A project file with these `registries:`."""
    path = folder / f"{len(list(folder.glob('rules*')))}-rules.yaml"
    path.write_text(json.dumps({"registries": registries}))
    return path


@pytest.mark.parametrize("rule", ["ca", "insecure"])
def test_push_to_a_registry_with_its_own_authority(rule, ktl, context, tls_registry, authority,
                                                   tmp_path):
    folder, name = context(SMALL), f"{tls_registry.host}/{ktl.label}:{rule}"
    value = str(authority.file) if rule == "ca" else True
    good = rules(tmp_path, {tls_registry.host: {rule: value}})
    ktl.build_ok(folder, "-t", name, "--push", "--project", good)
    seen = images.skopeo("inspect", "--tls-verify=false", f"docker://{name}")
    assert json.loads(seen)["Name"] == name.split(":" + rule)[0]


def test_a_strange_authority_is_refused(ktl, context, tls_registry, tmp_path):
    other = Authority(tmp_path, "other")
    project = rules(tmp_path, {tls_registry.host: {"ca": str(other.file)}})
    before = len(tls_registry.requests())
    result = ktl.build(context(SMALL), "-t", f"{tls_registry.host}/x:1", "--push", "--project",
                       project)
    assert result.code == 7, result.err
    assert "certificate" in result.err and "registries:" in result.err
    assert len(tls_registry.requests()) == before


def test_a_proxy_leads_to_what_it_stands_for(ktl, context, proxy, authority, tmp_path):
    project = rules(tmp_path, {NAME: {"ca": str(authority.file)}, "*": {"proxy": proxy.address}})
    ktl.build_ok(context(SMALL), "-t", f"{NAME}/{ktl.label}:1", "--push", "--project", project)
    assert set(proxy.asked) == {f"CONNECT {NAME}:443 HTTP/1.1"}


def test_login_knows_the_rules(ktl, tls_registry, authority):
    (ktl.home / "config/ktl").mkdir()
    (ktl.home / "config/ktl/config.yaml").write_text(
        json.dumps({"registries": {tls_registry.host: {"ca": str(authority.file)}}}))
    (ktl.home / "word").write_text("some password")
    with open(ktl.home / "word", encoding="utf-8") as word:
        result = ktl.run("login", tls_registry.host, "-u", "me", "--password-stdin", stdin=word)
    assert result.code == 0, result.err
    assert "asks nobody to log in" in result.err


def test_the_private_builder_pulls_by_the_rules(lone_ktl, context, registry, busybox, tls_registry,
                                                authority, proxy, tmp_path):
    """One builder: a mirror for a registry that is not there, and a proxy with an own authority."""
    images.skopeo("copy", "--src-tls-verify=false", "--dest-tls-verify=false",
                  f"docker://{busybox}", f"docker://{tls_registry.host}/base:1")
    project = rules(tmp_path, {
        "mirrored.invalid": {"mirrors": [registry.host]}, registry.host: {"http": True},
        NAME: {"ca": str(authority.file)}, "*": {"proxy": proxy.address}})
    folder = context("FROM mirrored.invalid/library/busybox:1 AS one\n"
                     f"FROM {NAME}/base:1\nCOPY --from=one /bin/busybox /again\n")
    result = lone_ktl.build_ok(folder, "--project", project, "-t", "it:1")
    assert "its own configuration" not in result.err
    assert f"CONNECT {NAME}:443 HTTP/1.1" in proxy.asked
    assert any(path.startswith("/v2/library/busybox/") for _, path, _ in registry.requests())
    used = lone_ktl.run("builder", "du")  # does not start it again without the rules
    assert used.code == 0 and "replacing" not in used.err, used.err


def test_a_foreign_builder_is_said_to_have_its_own_rules(ktl, context, registry, busybox, tmp_path):
    project = rules(tmp_path, {registry.host: {"insecure": True, "mirrors": ["m.invalid"]},
                               "unused.invalid": {"http": True}})
    result = ktl.build_ok(context(f"FROM {busybox}\n"), "--project", project)
    said = [line for line in result.err.splitlines() if "as its own configuration says" in line]
    assert len(said) == 1, result.err
    assert f"mirrors, insecure of {registry.host}" in said[0] and "rules.yaml:1:" in said[0]
    alone = Ktl(ktl.builder)
    quiet = alone.build_ok(context(SMALL, name="none"), "--project", project)
    alone.close()
    assert "own configuration" not in quiet.err


@pytest.fixture
def tokens(authority):
    """A token server with TLS, and a registry with TLS that wants its tokens."""
    server = TokenServer(authority.issue("tokens"))
    registry = token_registry(server, authority.issue("locked"))
    yield server, registry
    registry.close()
    server.close()


@pytest.fixture
def auth(lone_ktl, tokens):
    """An auth file for that registry."""
    file = lone_ktl.home / "auth.json"
    word = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    file.write_text(json.dumps({"auths": {tokens[1].host: {"auth": word}}}))
    return file


def test_tokens_are_fetched_by_the_rules(lone_ktl, context, tokens, authority, auth, tmp_path):
    """The authority of the registry is that of the token server too, which has no rule."""
    server, registry = tokens
    project = rules(tmp_path, {registry.host: {"ca": str(authority.file)}})
    name = f"{registry.host}/{lone_ktl.label}"
    words = ["--project", project, "--authfile", auth]
    lone_ktl.build_ok(context(SMALL, name="base"), "-t", f"{name}:1", "--push", *words)
    before = len(server.asked)
    lone_ktl.build_ok(context(f"FROM {name}:1\nCOPY Dockerfile /more\n", name="top"), "--pull", *words)
    lone_ktl.build_ok(context("FROM base\nCOPY Dockerfile /more\n", name="named"), "--pull", *words,
                      "--build-context", f"base=docker-image://{name}:1")
    asked = server.asked[before:]
    assert ("GET", USER, f"repository:{lone_ktl.label}:pull") in asked
    assert {user for _, user, _ in asked} == {USER}


@pytest.mark.parametrize("path", ["", "/hub"])
def test_a_mirror_gets_tokens(path, lone_ktl, context, tokens, authority, auth, tmp_path):
    server, registry = tokens
    project = rules(tmp_path, {registry.host: {"ca": str(authority.file)},
                               "mirrored.invalid": {"mirrors": [registry.host + path]}})
    words = ["--project", project, "--authfile", auth]
    lone_ktl.build_ok(context(SMALL, name="base"), "-t",
                      f"{registry.host}{path}/{lone_ktl.label}:1", "--push", *words)
    before = len(server.asked)
    result = lone_ktl.build_ok(context(f"FROM mirrored.invalid/{lone_ktl.label}:1\n"
                                       "COPY Dockerfile /more\n", name="top"), *words)
    assert {user for _, user, _ in server.asked[before:]} == {USER}, result.err
    assert "did not get" not in result.err


def test_the_doctor_shows_what_holds(ktl, tls_registry, authority, tmp_path):
    (ktl.home / "config/ktl").mkdir()
    (ktl.home / "config/ktl/config.yaml").write_text(json.dumps({"registries": {
        tls_registry.host: {"ca": str(authority.file)}, "docker.io": {"mirrors": ["m.invalid"]},
        "*": {"proxy": "http://weaker.invalid:1"}}}))
    project = rules(tmp_path, {"docker.io": {"mirrors": ["a.invalid/x", "b.invalid"]},
                               "plain.invalid": {"http": True}, "lax.invalid": {"insecure": True}})

    def table(**env):
        words = ["doctor", "--builder", ktl.builder, "--project", project]
        rows = {row["host"]: row for row in ktl.run(*words, "--json", env=env).json()["registries"]}
        return rows, ktl.run(*words, env=env).out

    rows, text = table()
    assert rows["docker.io"]["mirrors"] == ["a.invalid/x", "b.invalid"]
    assert rows["docker.io"]["origin"].startswith(f"{project}:1:")
    assert rows[tls_registry.host]["ca"] == str(authority.file)
    assert (rows[tls_registry.host]["http"], rows[tls_registry.host]["proxy"]) == (False, "")
    assert rows["plain.invalid"]["http"] and rows["lax.invalid"]["insecure"]
    assert rows["*"]["proxy"] == "http://weaker.invalid:1"
    assert rows["*"]["proxy_origin"].startswith(f"{ktl.home}/config/ktl/config.yaml:1:")
    lines = [line.split() for line in text.splitlines()]
    assert ["REGISTRY", "TLS", "CA", "MIRRORS", "PROXY", "ORIGIN"] in lines
    assert ["lax.invalid", "unchecked", "-", "-", "http://weaker.invalid:1",
            rows["lax.invalid"]["origin"]] in lines
    rows, text = table(HTTPS_PROXY="http://me:hidden@proxy.invalid:3", NO_PROXY="plain.invalid,.io")
    assert (rows["*"]["proxy"], rows["*"]["proxy_origin"]) == ("http://proxy.invalid:3",
                                                               "HTTPS_PROXY")
    assert rows["plain.invalid"]["proxy"] == rows["docker.io"]["proxy"] == ""
    assert "hidden" not in text and "weaker" not in text
