"""Builds that want something from outside, and what is said about them."""

import json
import pathlib
import uuid


def nonce():
    return uuid.uuid4().hex


def fetch(url, image):
    """A Dockerfile with a step that fetches."""
    return f"FROM {image}\nRUN echo {nonce()} && wget -q -O /got {url}\n"


def said(result, *words):
    for word in words:
        assert word in result.err, f"{word!r} is not in\n{result.err}"


def requests_in(result):
    """The bodies of network.request/1, of a build with --progress rawjson."""
    events = [json.loads(line) for line in result.err.splitlines() if line.startswith("{")]
    return [event["body"] for event in events if event["type"] == "network.request/1"]


def lines_of(ktl, folder, *args, **options):
    """The build's result, and its statement about the steps: control -> (value, evidence)."""
    result = ktl.build_ok(folder, "--metadata-file", ktl.home / "meta.json", *args, **options)
    record = json.loads(pathlib.Path(
        json.loads((ktl.home / "meta.json").read_text())["ktl.record"]).read_text())
    return result, {line["control"]: (line["value"], line["evidence"])
                    for line in record["isolation"]["steps"]}


def project(folder, rules):
    """A ktl.yaml with these registries."""
    file = folder / "rules.yaml"
    file.write_text(json.dumps({"registries": rules}))
    return file
