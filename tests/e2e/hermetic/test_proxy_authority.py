"""Clients that do not trust the builder's proxy: a sentence with step, host and what to set; with that
set they get what they want. Real clients, over HTTPS, to a stand-in of the test's own network."""

import pytest

from hermetic.clients import BUNDLE, MAKERS, OTHER, Root
from hermetic.dockerfiles import nonce, said
from rig import outland
from rig.buildkit import Buildkitd
from rig.ktl import Ktl

HOST = "files.test"
URL = f"https://{HOST}/file"
PIP = f"python3 -m pip --disable-pip-version-check download --no-deps -d /tmp -i https://{HOST}/simple pkg"
NPM = f"npm view pkg version --registry=https://{HOST}/ --fetch-retries=0"
STORE = ("sed -n '/buildkit proxy CA begin/,/buildkit proxy CA end/p' /etc/ssl/certs/ca-certificates.crt "
         "> /tmp/proxy.pem && keytool -importcert -noprompt -alias proxy -file /tmp/proxy.pem -keystore "
         "/tmp/proxy.p12 -storepass changeit && export JAVA_TOOL_OPTIONS='-Djavax.net.ssl.trustStore="
         "/tmp/proxy.p12 -Djavax.net.ssl.trustStorePassword=changeit'")
# What rejects the proxy, what is to be set, and the command with that.
CLIENTS = {
    "pip": (f"PIP_CERT={OTHER} {PIP}", "PIP_CERT", f"PIP_CERT={BUNDLE} {PIP}"),
    "npm": (NPM, "NODE_EXTRA_CA_CERTS", f"NODE_EXTRA_CA_CERTS={BUNDLE} {NPM}"),
    "go": (f"SSL_CERT_FILE={OTHER} SSL_CERT_DIR=/none get {URL}", "SSL_CERT_FILE",
           f"SSL_CERT_FILE={BUNDLE} SSL_CERT_DIR=/none get {URL}"),
    "java": (f"java -cp / Get {URL}", "trustStore", f"{STORE} && java -cp / Get {URL}"),
    "curl": (f"CURL_CA_BUNDLE={OTHER} curl -sS {URL}", "CURL_CA_BUNDLE",
             f"CURL_CA_BUNDLE={BUNDLE} curl -sS {URL}"),
}
SENTENCE = "does not trust the certificate that the builder's proxy shows for"


@pytest.fixture(scope="module")
def outside(tmp_path_factory):
    """A daemon in a network of its own, and a server there that it trusts."""
    if outland.why_not():
        pytest.skip(outland.why_not())
    folder = tmp_path_factory.mktemp("outside")
    authority = outland.Authority(folder)
    hosts = outland.write_hosts(folder / "hosts", HOST)
    daemon = Buildkitd(wrap=outland.command_in(hosts), env={"SSL_CERT_FILE": str(authority.bundle)})
    server = outland.Server(outland.socket_in(daemon.process.pid, 443), authority.issue(HOST))
    server.files = {"/file": b"content of the file\n",
                    "/pkg": b'{"name": "pkg", "dist-tags": {"latest": "1.0.0"}, "versions": {"1.0.0":'
                            b' {"name": "pkg", "version": "1.0.0"}}}',
                    "/simple/pkg/": b'<a href="/pkg-1.0.tar.gz#sha256=' + b"0" * 64 + b'">pkg-1.0.tar.gz</a>'}
    yield daemon, server, authority
    server.close()
    daemon.close()


@pytest.fixture(scope="module")
def root(tmp_path_factory, outside):
    """root(client): a folder to build in; made once."""
    made = {}

    def make(client):
        if client not in made:
            made[client] = Root(tmp_path_factory.mktemp(client), outside[2].file)
            made[client].missing = MAKERS[client](made[client])
        if made[client].missing:
            pytest.skip(made[client].missing)
        return made[client].folder

    return make


@pytest.fixture
def builds(outside, root):
    """builds(client, command, *flags): a RUN step with that command, in the client's image."""
    ktl = Ktl(outside[0].address)

    def build(client, command, *flags):
        folder = root(client)
        (folder / "Dockerfile").write_text(
            f"FROM scratch\nCOPY root/ /\nENV PATH=/usr/bin:/bin HOME=/tmp\nRUN : {nonce()}; {command}\n")
        return ktl.build(folder, *(flags or (f"--allow-network={HOST}",)))

    yield build
    ktl.close()


@pytest.mark.parametrize("client", CLIENTS)
def test_one_that_rejects_it_is_told_what_to_set(builds, outside, client):
    rejects, variable, _ = CLIENTS[client]
    before = len(outside[1].asked)
    result = builds(client, rejects)
    assert result.code == 1, result.err
    said(result, SENTENCE + f" {HOST}", f"next: set {variable}" if client != "java" else "next: set -Djavax",
         "step [2/2] RUN :", "location: Dockerfile:4", BUNDLE)
    assert len(outside[1].asked) == before


@pytest.mark.parametrize("client", CLIENTS)
def test_with_that_set_it_gets_through(builds, outside, client):
    before = len(outside[1].asked)
    result = builds(client, CLIENTS[client][2])
    assert len(outside[1].asked) > before, result.err
    assert SENTENCE not in result.err
    if client != "pip":  # which wants a package that is one
        assert result.code == 0, result.err


def test_what_is_advised_for_java_is_what_works():
    """The sentence and this test have one text."""
    from rig.process import ROOT
    source = (ROOT / "plugins/solver-buildkit/distrust.cpp").read_text()
    text = source.split("kStore =")[1].split(";\n")[0]
    assert STORE in "".join(part for part in text.split('"')[1::2])


def test_a_step_that_fails_otherwise_is_not_told(builds):
    for command in ("exit 7", f"curl -sS -f https://{HOST}/missing", "curl -sS http://127.0.0.1:1/"):
        result = builds("curl", command)
        assert result.code == 1, result.err
        assert SENTENCE not in result.err


def test_nor_is_one_without_the_proxy(builds):
    direct = f"CURL_CA_BUNDLE={BUNDLE} curl -sS --resolve {HOST}:443:{outland.ADDRESS} {URL}"
    result = builds("curl", direct, "--network=default")
    assert result.code == 1 and "curl: (60)" in result.err, result.err
    assert SENTENCE not in result.err
    result = builds("curl", "echo 'curl: (60) SSL certificate problem' >&2; exit 1", "--hermetic")
    assert result.code == 1, result.err
    assert SENTENCE not in result.err


def test_a_host_that_is_not_listed_either_is_said_to_be_so(builds):
    result = builds("curl", f"CURL_CA_BUNDLE={OTHER} curl -sS {URL}", "--allow-network=other.test")
    assert result.code == 1, result.err
    said(result, f"{SENTENCE} {HOST}", f"add {HOST} to --allow-network")
