"""A token server as registries use it (https://distribution.github.io/distribution/spec/auth/token/).

Anonymous users get tokens that pull; USER gets what it asks for; a wrong password gets 401."""

import base64
import http.server
import json
import pathlib
import shutil
import ssl
import subprocess
import tempfile
import threading
import time
import urllib.parse

from rig.registry import PASSWORD, USER


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class TokenServer:
    """`tls`: certificate and key, without which it speaks plain HTTP."""

    service, issuer = "registry.test", "tokens.test"

    def __init__(self, tls=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ktl-tok-"))
        self.certificate, self.key = self.folder / "cert.pem", self.folder / "key.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                        "-subj", "/CN=tokens.test", "-keyout", self.key, "-out", self.certificate],
                       check=True, capture_output=True)
        self.asked = []  # (method, user or "", scope) of every request
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.realm = f"http{'s' if tls else ''}://127.0.0.1:{self.server.server_port}/token"
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def handler(self):
        tokens = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
                login = self.headers.get("Authorization", "")
                words = base64.b64decode(login[6:]).decode() if login.startswith("Basic ") else ""
                self.answer("GET", query.get("scope", []), *words.partition(":")[::2])

            def do_POST(self):
                size = int(self.headers.get("Content-Length", "0"))
                form = urllib.parse.parse_qs(self.rfile.read(size).decode())
                self.answer("POST", form.get("scope", []), form.get("username", [""])[0],
                            form.get("password", [""])[0])

            def answer(self, method, scopes, user, password):
                tokens.asked.append((method, user, " ".join(scopes)))
                if user and (user, password) != (USER, PASSWORD):
                    self.send(401, {"errors": [{"code": "UNAUTHORIZED", "message": "bad login"}]})
                else:
                    token = tokens.sign(" ".join(scopes).split(), user)
                    self.send(200, {"token": token, "access_token": token, "expires_in": 300})

            def send(self, status, document):
                body = json.dumps(document).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                """Nothing on stderr: `asked` is the log."""

        return Handler

    def access(self, scope, user):
        kind, name, actions = scope.rsplit(":", 2) if scope.count(":") > 1 else scope.split(":")
        allowed = [a for a in actions.split(",") if user or a == "pull"]
        return {"type": kind, "name": name, "actions": allowed}

    def sign(self, scopes, user):
        now = int(time.time())
        chain = self.certificate.read_text().split("-----")[2].replace("\n", "")
        header = {"typ": "JWT", "alg": "RS256", "x5c": [chain]}
        claims = {"iss": self.issuer, "sub": user, "aud": self.service, "iat": now, "nbf": now - 60,
                  "exp": now + 300, "jti": f"{now}-{len(self.asked)}",
                  "access": [self.access(scope, user) for scope in scopes]}
        text = ".".join(b64url(json.dumps(part).encode()) for part in (header, claims))
        signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.key],
                                   input=text.encode(), check=True, capture_output=True).stdout
        return f"{text}.{b64url(signature)}"

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        shutil.rmtree(self.folder, ignore_errors=True)
