"""Fixtures of the policies' tests."""

import functools
import http.server
import threading

import pytest


class Web:
    """A web server on loopback that serves one folder."""

    def __init__(self, folder):
        handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def serve(self, file):
        return f"http://127.0.0.1:{self.server.server_port}/{file.name}"


@pytest.fixture
def web(tmp_path):
    made = Web(tmp_path)
    yield made
    made.server.shutdown()
    made.server.server_close()
