"""Stand-ins for the outside: servers on loopback, which a step of this daemon can reach."""

import http.server
import threading

import pytest

from rig import images


class Site:
    """A web server that counts what it is asked for. `files`: path -> bytes."""

    def __init__(self):
        self.files, self.asked = {"/file": b"content of the file\n"}, []
        site = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                site.asked.append((self.command, self.path))
                if self.headers.get("Content-Length"):
                    self.rfile.read(int(self.headers["Content-Length"]))
                body = site.files.get(self.path)
                if isinstance(body, str):  # "-> /elsewhere"
                    self.send_response(302)
                    self.send_header("Location", body.removeprefix("-> "))
                    body = b""
                elif callable(body):
                    body = body()
                    self.send_response(200)
                else:
                    self.send_response(404 if body is None else 200)
                    body = body or b""
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            do_GET = do_HEAD = do_POST = do_PUT = answer

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.server.server_port}"
        self.url = f"http://{self.host}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def site():
    one = Site()
    yield one
    one.close()


@pytest.fixture
def other_site():
    one = Site()
    yield one
    one.close()


@pytest.fixture
def pinned(registry, busybox):
    """The busybox image by its digest."""
    digest = images.inspect(f"docker://{busybox}")["Digest"]
    return f"{busybox}@{digest}"
