"""Builds that want something from outside, and what is said about them."""

import json
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
