"""Passwords of registries stay with the keeper; the builder gets tokens."""

import base64
import json
import pathlib
import re
import signal

import pytest

from rig.images import BASE
from rig.process import worker_of
from rig.registry import PASSWORD, USER

HELLO = "FROM scratch\nCOPY Dockerfile /\n"
BASIC = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()


def auth_file(ktl, registry):
    file = ktl.home / "auth.json"
    file.write_text(json.dumps({"auths": {registry.host: {"auth": BASIC}}}))
    return file


def base_image(ktl, context, registry, dockerfile=HELLO):
    """An image behind the registry's login, and the file that opens it."""
    auth, name = auth_file(ktl, registry), f"{registry.host}/base-{ktl.label}:1"
    ktl.build_ok(context(dockerfile, name="base"), "-t", name, "--push", "--authfile", auth)
    return name, auth


def memory_of(pid):
    """All that the process can write to."""
    pieces = []
    with open(f"/proc/{pid}/mem", "rb") as memory:
        for line in pathlib.Path(f"/proc/{pid}/maps").read_text().splitlines():
            span = re.match(r"([0-9a-f]+)-([0-9a-f]+) rw", line)
            if span:
                start, end = (int(text, 16) for text in span.groups())
                try:
                    memory.seek(start)
                    pieces.append(memory.read(end - start))
                except OSError:
                    pass
    return b"".join(pieces)


def test_the_keeper_fetches_the_tokens(ktl, context, token_auth_registry, token_server):
    name, auth = base_image(ktl, context, token_auth_registry)
    folder = context(f"FROM {name}\nLABEL on=top\n")
    before = len(token_server.asked)
    result = ktl.build_ok(folder, "--no-cache", "--authfile", auth)
    asked = token_server.asked[before:]
    repository = name.split("/")[1].split(":")[0]
    assert ("GET", USER, f"repository:{repository}:pull") in asked
    # BuildKit itself would have sent the password by POST.
    assert {method for method, user, _ in asked if user} == {"GET"}
    assert "password" not in result.err


@pytest.mark.parametrize("kind,known", [("token_auth_registry", False),
                                        ("basic_auth_registry", True)])
def test_whether_the_worker_holds_the_password(kind, known, ktl, context, request):
    registry = request.getfixturevalue(kind)
    name, auth = base_image(ktl, context, registry, BASE)
    folder = context(f"FROM {name}\nRUN echo started; sleep 60\n")
    process = ktl.start("build", folder, "--builder", ktl.builder, "--progress", "plain",
                        "--no-cache", "--authfile", auth)
    seen = ""
    while "started" not in seen.split("echo started")[-1]:
        line = process.stderr.readline()
        assert line, f"ktl ended early: {seen}"
        seen += line
    try:
        memory = memory_of(worker_of(process.pid))
        assert len(memory) > 1 << 20
        assert PASSWORD.encode() in memory_of(process.pid) or BASIC.encode() in memory_of(process.pid)
        if not known:
            assert PASSWORD.encode() not in memory and BASIC.encode() not in memory
    finally:
        process.send_signal(signal.SIGINT)
        _, rest = process.communicate(timeout=30)
    warning = f"{registry.host} takes passwords only and gives no tokens"
    assert (warning in seen + rest) == known


def test_a_cache_goes_to_a_registry_with_tokens(ktl, context, token_auth_registry):
    auth = auth_file(ktl, token_auth_registry)
    cache = f"type=registry,ref={token_auth_registry.host}/cache-{ktl.label}:1"
    folder = context(HELLO)
    ktl.build_ok(folder, "--authfile", auth, "--cache-to", f"{cache},mode=max")
    ktl.build_ok(folder, "--authfile", auth, "--cache-from", cache)
    assert token_auth_registry.writes()[-1][1].startswith(f"/v2/cache-{ktl.label}/manifests/")
