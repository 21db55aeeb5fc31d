"""Names, findings and answers of strangers: shown as text, and bounded. Where answers of a registry lead
is in tests/e2e/escapes/test_push.py."""

import http.server
import json
import resource
import threading

import pytest

from rig import images
from stages.conftest import puppet, stage

__all__ = ["puppet", "stage"]
# Sets a title, clears the screen, forges a line, and does so once more in eight bits.
EVIL = "\x1b]0;title\x07\x1b[2J\n#9 DONE forged\r\x9b2J\u202eend"
HELLO = "FROM scratch\nCOPY busybox /\n"
GIGABYTE = 1 << 30


def is_text(said):
    for sequence in ("\x1b", "\x07", "\x9b", "\u202e"):
        assert sequence not in said, said
    assert not [line for line in said.splitlines() if line.startswith("#9 DONE")], said


@pytest.mark.parametrize("where", ["keeper", "worker"])
def test_what_a_plugin_finds_is_text(stage, puppet, context, where):
    puppet("prepare", where).amends(findings=[
        {"rule": "no-such", "severity": "block", "message": EVIL, "location": "Dockerfile:2", "fix": EVIL}])
    result = stage.build(context(HELLO))
    assert result.code in (3, 8), result.err
    is_text(result.err + result.out)


@pytest.mark.parametrize("dockerfile, code", [
    (f"FROM scratch AS a\nCOPY missing{EVIL.split(chr(10))[0]} /\n", 1),
    (f"FROM scratch\nLABEL a=\"{EVIL.split(chr(10))[0]}\"\nCOPY [\"no\\u001b[2Jthing\", \"/\"]\n", 1),
    (f"FROM 127.0.0.1:1/x{EVIL.split(chr(10))[0]}\n", 1),
    (f"FROM scratch\nNONSENSE {EVIL.split(chr(10))[0]}\n", 1),
    (f"# syntax=127.0.0.1:1/{EVIL.split(chr(10))[0]}\nFROM scratch\n", 1),
])
def test_what_a_dockerfile_names_is_text(ktl, context, dockerfile, code):
    result = ktl.build(context(dockerfile))
    assert result.code == code, result.err
    is_text(result.err + result.out)


def test_what_a_file_is_called_is_text(ktl, context):
    folder = context("FROM scratch\nCOPY . /\n", {EVIL.replace("/", "_"): "x"})
    result = ktl.build(folder, "--output", f"type=local,dest={ktl.home}/out")
    assert result.code in (0, 1, 2), result.err
    is_text(result.err + result.out)


class Liar:
    """A registry on loopback that answers as `rules` say: (method, part of the path) -> a function of
    the request. It counts the bytes that it got rid of."""

    def __init__(self):
        self.asked, self.sent, self.rules = [], 0, {}
        liar = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                liar.asked.append((self.command, self.path))
                for (method, part), rule in liar.rules.items():
                    if self.command == method and part in self.path:
                        return rule(self)
                found = self.command == "GET" and self.path == "/v2/"
                return liar.say(self, 200 if found else 404)

            do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def say(self, request, status, body=b"", **headers):
        request.send_response(status)
        for name, value in {"Content-Length": len(body), **headers}.items():
            request.send_header(name.replace("_", "-"), str(value))
        request.end_headers()
        if request.command != "HEAD":
            request.wfile.write(body)

    def flood(self, status, **headers):
        """An answer of a gigabyte."""
        def rule(request):
            request.close_connection = True
            self.say(request, status, Content_Length=GIGABYTE, **headers)
            if request.command != "HEAD":
                try:
                    while self.sent < GIGABYTE:
                        request.wfile.write(b"x" * 65536)
                        self.sent += 65536
                except OSError:
                    pass
        return rule

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def liar():
    made = Liar()
    yield made
    made.close()


def push(ktl, context, liar):
    return ktl.build(context(HELLO), "-t", f"{liar.host}/it:1", "--push", timeout=90)


@pytest.mark.parametrize("status", [200, 403, 500])
def test_a_gigabyte_for_an_answer(ktl, context, liar, status):
    liar.rules[("POST", "/uploads")] = liar.flood(status)
    result = push(ktl, context, liar)
    assert result.code == 7 and liar.host in result.err, result.err
    assert liar.sent < 256 << 20
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 1 << 20  # KiB


def test_a_gigabyte_for_a_token(ktl, context, liar):
    liar.rules[("GET", "/token")] = liar.flood(200, Content_Type="application/json")
    realm = f'Bearer realm="http://{liar.host}/token",service="x"'
    for method in ("GET", "HEAD", "POST"):
        liar.rules[(method, "/v2/")] = lambda request: liar.say(request, 401, WWW_Authenticate=realm)
    result = push(ktl, context, liar)
    assert result.code == 7, result.err
    assert liar.sent < 256 << 20


def test_a_gigabyte_for_a_manifest(ktl, context, liar):
    for method in ("GET", "HEAD"):
        liar.rules[(method, "/manifests/")] = liar.flood(
            200, Content_Type=images.MANIFEST, Docker_Content_Digest="sha256:" + "0" * 64)
    result = ktl.build(context(f"FROM {liar.host}/it:1\nCOPY busybox /\n"), timeout=120)
    assert result.code == 1 and liar.host in result.err, result.err
    assert liar.sent < 256 << 20


def test_what_a_registry_says_is_text(ktl, context, liar):
    body = json.dumps({"errors": [{"code": "DENIED", "message": EVIL, "detail": EVIL}]}).encode()
    liar.rules[("POST", "/uploads")] = lambda request: liar.say(request, 403, body, Warning=f'299 - "{EVIL[:8]}"')
    result = push(ktl, context, liar)
    assert result.code == 7 and "DENIED" in result.err, result.err
    is_text(result.err)


@pytest.mark.parametrize("config", [
    {"Labels": {"a": "x" * (3 << 20)}},
    {"Labels": {f"label{number}": "x" for number in range(200_000)}},
    {"Env": [f"V{number}=x" for number in range(100_000)]},
    {"Labels": {"a": EVIL, EVIL: "b"}, "User": EVIL, "WorkingDir": "/" + EVIL},
], ids=["long", "many-labels", "many-variables", "escapes"])
def test_a_base_with_a_config_beyond_measure(ktl, context, registry, config):
    base = images.push(registry, f"it/{ktl.label}", {"a": b"x"}, config)
    result = ktl.build(context(f"FROM {base}\nCOPY busybox /\n"), f"--oci={ktl.home}/out", timeout=120)
    assert result.code in (0, 1, 2), result.err
    is_text(result.err + result.out)
    assert result.code == 0 or ("Labels" in result.err and not (ktl.home / "out").exists())
