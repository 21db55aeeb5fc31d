"""Servers whose answers a lock can hold to, or cannot; what a lock says."""

import http.server
import itertools
import json
import threading

import pytest

from rig import images


class Web:
    """A web server. `pages`: path -> bytes, (bytes, type), or a function of the handler that
    answers itself. `asked`: what came."""

    def __init__(self):
        self.pages, self.asked = {}, []
        web = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def send(self, status, body=b"", **headers):
                self.send_response(status)
                for name, value in {"Content-Length": len(body), **headers}.items():
                    self.send_header(name.replace("_", "-"), str(value))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            def answer(self):
                web.asked.append((self.command, self.path))
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                page = web.pages.get(self.path, web.pages.get(self.path.partition("?")[0]))
                if page is None:
                    self.send(404)
                elif callable(page):
                    page(self)
                else:
                    body, kind = page if isinstance(page, tuple) else (page, "text/plain")
                    self.send(200, body, Content_Type=kind)

            do_GET = do_HEAD = do_POST = do_PUT = answer

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def changing(self, path):
        """A page that is never the same."""
        numbers = itertools.count()
        self.pages[path] = lambda handler: handler.send(200, b"%d" % next(numbers))


@pytest.fixture
def web():
    one = Web()
    yield one
    one.close()


class Locker:
    """ktl lock, and what is there afterwards."""

    def __init__(self, ktl):
        self.ktl = ktl

    def run(self, folder, *args, **options):
        builder = ("--builder", self.ktl.builder) if self.ktl.builder and "--builder" not in args else ()
        return self.ktl.run("lock", folder, *builder, *args, **options)

    def ok(self, folder, *args, **options):
        result = self.run(folder, "--progress", "plain", *args, **options)
        assert result.code == 0, f"ktl lock ended with {result.code}\n{result.out}\n{result.err}"
        return json.loads((folder / "ktl.lock").read_text()), result

    def kept(self):
        folder = self.ktl.home / "state/ktl/kept/blobs/sha256"
        return {"sha256:" + file.name: file for file in folder.glob("*")}


@pytest.fixture
def locker(ktl):
    return Locker(ktl)


@pytest.fixture(scope="session")
def digest_of():
    return lambda name: images.inspect(f"docker://{name}")["Digest"]
