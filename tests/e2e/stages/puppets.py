"""Plugins of the stages that do what a test writes down for them (tests/e2e/plugins/puppet.hpp)."""

import json

ALLOW = {"schema": "ktl.answer/1", "allow": True, "reason": ""}
PASSED = {"schema": "ktl.verdict/1", "passed": True, "denials": [], "warnings": []}
WHERES = ["keeper", "worker", "isolated"]


class Puppet:
    """Plugin e2e.ID of the folder `plugins`; `where` it runs."""

    def __init__(self, home, plugins, kind, where="keeper"):
        self.name = f"{kind}-worker" if where == "worker" else kind
        self.id = f"e2e.{self.name}"
        self.folder = home / f"puppet-{self.name}"
        self.folder.mkdir()
        self.entry = {"id": self.id, "path": f"{plugins}/plugins/{self.name}.so",
                      "isolate": where == "isolated", "config": {"folder": str(self.folder)}}

    def says(self, verb, answer):
        """A document, or an order in the puppet's own words."""
        text = answer if isinstance(answer, str) else json.dumps(answer)
        (self.folder / verb).write_text(text)
        return self

    def amends(self, **amendments):
        document = {"schema": "ktl.amendments/1", "exclude": [], "labels": {}, "pins": [],
                    "findings": []}
        return self.says("prepare", {**document, **amendments})

    def seen(self, verb):
        """What the verb was given, call by call."""
        file = self.folder / f"{verb}.seen"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


class Stage:
    def __init__(self, ktl, puppet):
        self.ktl, self.puppet = ktl, puppet
        self.out = ktl.home / "out"

    def project(self):
        """A project file with all puppets."""
        file = self.ktl.home / "puppets.yaml"
        file.write_text(json.dumps({"plugins": [each.entry for each in self.puppet.made]}))
        return file

    def binds(self):
        """A puppet in the worker reads its orders through the client's fence."""
        return [f"--sandbox-bind={each.folder}:{each.folder}:rw" for each in self.puppet.made
                if each.name.endswith("-worker")]

    def build(self, context, *args, **options):
        """A build into the layout `out` with all puppets."""
        return self.ktl.build(context, "--project", self.project(), f"--oci={self.out}",
                              *self.binds(), *args, **options)

    def start(self, context):
        """The same, which is not waited for."""
        return self.ktl.start("build", context, "--builder", self.ktl.builder, "--project",
                              self.project(), f"--oci={self.out}", "--progress", "plain",
                              *self.binds())

    def build_ok(self, context, *args, **options):
        result = self.build(context, *args, **options)
        assert result.code == 0, result.err
        return result

    def refused(self, context, code, *words):
        """The build ends with `code`, says `words` and exports nothing."""
        result = self.build(context)
        assert result.code == code, result.err
        for word in words:
            assert word in result.err
        assert not self.out.exists()
        return result

    def record(self):
        (file,) = (self.ktl.home / "state/ktl/records").glob("*.json")
        return json.loads(file.read_text())

    def evidence(self):
        """The files beside the record: path -> bytes."""
        folder = self.ktl.home / "state/ktl/records" / self.record()["id"]
        return {str(path.relative_to(folder)): path.read_bytes()
                for path in folder.rglob("*") if path.is_file() and path.name != "sandbox.log"}
