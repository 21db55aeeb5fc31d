"""What lies outside, played on this machine: a network namespace with addresses of RFC 5737 that leads
nowhere, names for them, servers with certificates of an own authority."""

import ctypes
import http.server
import os
import pathlib
import socket
import ssl
import subprocess
import threading

CLONE_NEWNET = 0x40000000
ADDRESS = "198.51.100.9"


def run(*command):
    subprocess.run([str(word) for word in command], check=True, capture_output=True)


class Authority:
    """A certificate authority in `folder`; `bundle` is the system's authorities and it."""

    def __init__(self, folder, name="test authority"):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.file, self.key = self.folder / "ca.pem", self.folder / "ca.key"
        run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
            f"/CN={name}", "-keyout", self.key, "-out", self.file,
            "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign")
        self.bundle = self.folder / "bundle.pem"
        self.bundle.write_bytes(pathlib.Path("/etc/ssl/certs/ca-certificates.crt").read_bytes()
                                + self.file.read_bytes())

    def issue(self, *names):
        """Certificate and key of a server with these names and ADDRESS."""
        base = self.folder / names[0]
        run("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={names[0]}", "-keyout",
            f"{base}.key", "-out", f"{base}.csr")
        known = ",".join([*(f"DNS:{name}" for name in names), f"IP:{ADDRESS}"])
        pathlib.Path(f"{base}.ext").write_text(f"subjectAltName={known}\n", encoding="utf-8")
        run("openssl", "x509", "-req", "-in", f"{base}.csr", "-CA", self.file, "-CAkey", self.key,
            "-CAcreateserial", "-days", "2", "-extfile", f"{base}.ext", "-out", f"{base}.pem")
        return f"{base}.pem", f"{base}.key"


def command_in(hosts):
    """Words before a command: it gets a network of its own with ADDRESS and its own /etc/hosts."""
    script = (f"ip link set lo up; ip addr add {ADDRESS}/32 dev lo; mount --bind {hosts} /etc/hosts;"
              ' exec "$@"')
    return ["unshare", "--mount", "--net", "/bin/sh", "-ec", script, "outland"]


def write_hosts(path, *names):
    path.write_text("127.0.0.1 localhost\n" + "".join(f"{ADDRESS} {name}\n" for name in names))
    return path


def why_not():
    return "" if os.getuid() == 0 else "needs root, to make a network namespace"


def socket_in(pid, port, address=ADDRESS):
    """A listening socket in the network of process `pid`."""
    made = []

    def make():
        with open(f"/proc/{pid}/ns/net", encoding="utf-8") as network:
            failed = ctypes.CDLL(None, use_errno=True).setns(network.fileno(), CLONE_NEWNET)
            assert failed == 0, os.strerror(ctypes.get_errno())
        made.append(socket.create_server((address, port)))

    thread = threading.Thread(target=make)  # the namespace is the thread's alone
    thread.start()
    thread.join()
    return made[0]


class Server(http.server.ThreadingHTTPServer):
    """`files`: path -> bytes, or "-> URL" for what is elsewhere; another path is 404. `asked`: (method,
    path) of each request."""

    def __init__(self, listener, tls=None):
        self.files, self.asked = {}, []
        super().__init__(listener.getsockname(), Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listener
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self.socket = context.wrap_socket(listener, server_side=True)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        """A client may hang up."""

    def close(self):
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.asked.append((self.command, self.path))
        body = self.server.files.get(self.path)
        if isinstance(body, str):
            self.send_response(302)
            self.send_header("Location", body.removeprefix("-> "))
            body = b""
        else:
            self.send_response(404 if body is None else 200)
        self.send_header("Content-Type", "application/json" if (body or b"")[:1] == b"{" else "text/html")
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *args):
        pass
