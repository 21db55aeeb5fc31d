"""A registry on loopback (docker-registry), its access log as witness, and its kinds of login."""

import crypt
import json
import pathlib
import re
import shutil
import tempfile
import urllib.error
import urllib.request

from rig.process import Daemon, answers, free_port, program

USER, PASSWORD = "someone", "correct horse battery"

ACCESS = re.compile(r'"(?P<method>[A-Z]+) (?P<path>/v2/\S*) HTTP/[\d.]+" (?P<status>\d+)')


class Registry(Daemon):
    """`auth`: the text of the configuration's auth section, FOLDER in it is the registry's own;
    empty lets everybody in. `files` are written into that folder. `tls`: certificate and key."""

    def __init__(self, auth="", files=None, port=None, tls=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ktl-reg-"))
        for name, text in (files or {}).items():
            (self.folder / name).write_text(text)
        self.port = port or free_port()
        self.host = f"127.0.0.1:{self.port}"
        config = self.folder / "config.yml"
        config.write_text(
            "version: 0.1\nlog: {level: warn}\n"
            f"storage: {{filesystem: {{rootdirectory: {self.folder}/data}}}}\n"
            f"http:\n  addr: '{self.host}'\n" +
            (f"  tls: {{certificate: '{tls[0]}', key: '{tls[1]}'}}\n" if tls else "") + auth.replace("FOLDER", str(self.folder)))
        super().__init__([program("docker-registry"), "serve", str(config)], self.folder / "log",
                         lambda: answers(self.port))

    def requests(self):
        """Every request so far, in order: (method, path without its query, status)."""
        return [(hit["method"], hit["path"].split("?")[0], int(hit["status"]))
                for hit in ACCESS.finditer(self.log.read_text(errors="replace"))]

    def writes(self):
        """The requests that changed something."""
        return [hit for hit in self.requests()
                if hit[0] in ("PUT", "POST", "PATCH", "DELETE") and hit[2] < 400]

    def tags(self, repository):
        try:
            with urllib.request.urlopen(f"http://{self.host}/v2/{repository}/tags/list",
                                        timeout=10) as answer:
                return json.load(answer)["tags"] or []
        except urllib.error.HTTPError as error:
            assert error.code == 404
            return []

    def close(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def basic_registry():
    """Only USER may do anything."""
    hashed = crypt.crypt(PASSWORD, crypt.mksalt(crypt.METHOD_BLOWFISH, rounds=16))
    return Registry("auth: {htpasswd: {realm: test, path: FOLDER/htpasswd}}\n",
                    {"htpasswd": f"{USER}:{hashed}\n"})


def token_registry(tokens, tls=None):
    """Everything needs a token of `tokens` (rig.tokens.TokenServer)."""
    return Registry(f"auth: {{token: {{realm: '{tokens.realm}', service: {tokens.service},"
                    f" issuer: {tokens.issuer}, rootcertbundle: '{tokens.certificate}'}}}}\n", tls=tls)
