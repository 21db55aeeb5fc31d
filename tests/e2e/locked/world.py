"""Real projects of pip and npm, an index for them on loopback, and a lock written by hand."""

import contextlib
import functools
import hashlib
import http.server
import json
import os
import pathlib
import re
import shutil
import socket
import socketserver
import tempfile
import threading

from rig import images
from rig.process import ok

HTML, JSON, BYTES = "text/html", "application/json", "application/octet-stream"


def sha256(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


class Index:
    """Static pages: path -> (bytes, Content-Type). `asked`: what came."""

    def __init__(self):
        self.pages, self.asked = {}, []
        index = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                index.asked.append((self.command, self.path))
                body, kind = index.pages.get(self.path, (None, BYTES))
                self.send_response(404 if body is None else 200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body or b"")))
                self.end_headers()
                self.wfile.write(body or b"")

            do_GET = do_POST = do_PUT = answer

            def log_message(self, *args):
                pass

        # Clients in steps ask 127.0.0.1 past the builder's proxy, where nobody is.
        self.server = http.server.ThreadingHTTPServer(("127.0.0.2", 0), Handler)
        self.url = f"http://127.0.0.2:{self.server.server_port}"
        # What lets a lock name it, as it is on this machine.
        self.near = f"--allow-network=127.0.0.2:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        if self.server:
            self.server.shutdown()
            self.server.server_close()
        self.server = None


@functools.cache
def fetched():
    """What the clients themselves get: file name -> bytes, of wheels and one tarball."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="ktl-fetched-"))
    ok(["/usr/bin/python3", "-m", "pip", "download", "-q", "--no-deps", "-d", folder,
        "pip==24.0", "six==1.16.0", "idna==3.7"], timeout=120)
    if shutil.which("npm"):
        ok(["npm", "pack", "--silent", "left-pad@1.3.0"], cwd=folder, timeout=120,
           env={**os.environ, "npm_config_cache": str(folder / "cache")})
    files = {file.name: file.read_bytes() for file in folder.glob("*.*") if file.is_file()}
    shutil.rmtree(folder)
    return files


def wheel(name):
    return next((file, data) for file, data in fetched().items() if file.startswith(f"{name}-"))


def libraries_of(binary):
    found = re.findall(r"(/\S+)\s+\(0x", ok(["ldd", binary]))
    return {path.lstrip("/"): pathlib.Path(path).read_bytes() for path in found}


def tree(folder, skip=()):
    return {str(path).lstrip("/"): path.read_bytes() for path in pathlib.Path(folder).rglob("*")
            if path.is_file() and not path.is_symlink() and not set(skip) & set(path.parts)}


def python_files():
    python = pathlib.Path("/usr/bin/python3").resolve()
    library = pathlib.Path("/usr/lib") / python.name
    return {"usr/bin/python3": python.read_bytes(), **libraries_of(python),
            **tree(library, ("__pycache__", "test", "idlelib", "tkinter", "lib2to3")),
            "opt/pip.whl": wheel("pip")[1],
            "usr/bin/pip": b"#!/bin/sh\nexec python3 -c 'import sys; sys.path.insert(0, "
                           b"\"/opt/pip.whl\"); from pip._internal.cli.main import main; "
                           b"sys.exit(main())' \"$@\"\n",
            "etc/passwd": b"root:x:0:0:root:/root:/bin/sh\n"}


def node_files():
    node = pathlib.Path(shutil.which("node")).resolve()
    npm = pathlib.Path(shutil.which("npm")).resolve().parents[1]
    return {"usr/bin/node": node.read_bytes(), **libraries_of(node),
            **{f"opt/npm/{path[len(str(npm)):]}".replace("//", "/"): data
               for path, data in tree(npm, ("docs", "man")).items()},
            "usr/bin/npm": b"#!/bin/sh\nexec node /opt/npm/bin/npm-cli.js \"$@\"\n"}


def push_workshop(registry):
    """An image with a shell, Python with pip and, where this machine has it, node with npm; pinned."""
    files = {**images.busybox_files(), **python_files()}
    if shutil.which("npm"):
        files.update(node_files())
    name = images.push(registry, "it/workshop:1", files,
                       {"Env": ["PATH=/usr/bin:/bin", "HOME=/root"]})
    return name, images.inspect(f"docker://{name}")["Digest"]


def write_lock(folder, images_=None, files=None, downloads=(), not_lockable=()):
    """`downloads`: (step, url, bytes, type)."""
    (folder / "ktl.lock").write_text(json.dumps({
        "schema": "ktl.lock/1",
        "images": [{"ref": ref, "digest": digest} for ref, digest in (images_ or {}).items()],
        "files": [{"url": url, "digest": sha256(data)} for url, data in (files or {}).items()],
        "repositories": [],
        "downloads": [{"step": step, "url": url, "digest": sha256(data), "size": len(data),
                       "type": kind} for step, url, data, kind in downloads],
        "not_lockable": [{"step": step, "method": method, "url": url, "reason": reason}
                         for step, method, url, reason in not_lockable]}))


def kept(ktl):
    folder = ktl.home / "state/ktl/kept/blobs/sha256"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def keep(ktl, data):
    (kept(ktl) / sha256(data)[7:]).write_bytes(data)


def keep_image(ktl, name):
    """All of an image, as an OCI layout has it."""
    work = pathlib.Path(tempfile.mkdtemp(prefix="ktl-keep-"))
    images.skopeo("copy", "--all", "--src-tls-verify=false", f"docker://{name}", f"oci:{work}/l:x")
    for blob in (work / "l/blobs/sha256").iterdir():
        shutil.copy(blob, kept(ktl) / blob.name)
    shutil.rmtree(work)


@contextlib.contextmanager
def forwarded(path):
    """A TCP port that leads to the unix socket `path`."""

    def pump(here, there):
        with contextlib.suppress(OSError):
            while data := here.recv(65536):
                there.sendall(data)

    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            with socket.socket(socket.AF_UNIX) as there:
                there.connect(path)
                threading.Thread(target=pump, args=(there, self.request), daemon=True).start()
                pump(self.request, there)

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()
