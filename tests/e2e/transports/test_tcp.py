"""tcp://, plain and with mutual TLS: what is right builds, what is wrong says whose fault it is."""

import pytest

from transports.daemons import Authority, TcpBuildkitd

SMALL = "FROM scratch\nCOPY Dockerfile /it\n"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def client(authority):
    return authority.issue("client")


@pytest.fixture(scope="module")
def daemon(authority):
    daemon = TcpBuildkitd(authority, authority.issue("server"))
    yield daemon
    daemon.close()


def with_tls(daemon, cacert, client=None, **more):
    words = {"cacert": cacert, **more}
    if client:
        words |= {"cert": client[0], "key": client[1]}
    return daemon.address + "?" + "&".join(f"{key}={value}" for key, value in words.items())


def test_mutual_tls_builds_and_keeps_the_result(lone_ktl, context, daemon, authority, client):
    result = lone_ktl.build_ok(context(SMALL), "-t", "over-tls:1", "--builder",
                               with_tls(daemon, authority.file, client))
    assert "neither encrypted" not in result.err


@pytest.mark.parametrize("what, says", [
    ("another CA", "certificate"), ("another name", "mismatch"),
    ("no client certificate", "TLS"), ("no TLS at all", "no BuildKit answers at")])
def test_wrong_tls_is_exit_6_with_the_reason(what, says, lone_ktl, context, daemon, authority,
                                             client, tmp_path):
    address = {
        "another CA": lambda: with_tls(daemon, Authority(tmp_path, "other").file, client),
        "another name": lambda: with_tls(daemon, authority.file, client, servername="b.example"),
        "no client certificate": lambda: with_tls(daemon, authority.file),
        "no TLS at all": lambda: daemon.address}[what]()
    result = lone_ktl.build(context(SMALL), "--builder", address)
    assert result.code == 6, result.err
    assert says in result.err


def test_an_expired_certificate_is_exit_6(lone_ktl, context, authority, client):
    daemon = TcpBuildkitd(authority, authority.issue("old", days=-1))
    try:
        result = lone_ktl.build(context(SMALL), "--builder",
                                with_tls(daemon, authority.file, client))
    finally:
        daemon.close()
    assert result.code == 6
    assert "expired" in result.err


def test_a_file_that_does_not_load_is_exit_2(lone_ktl, context, daemon, client, tmp_path):
    result = lone_ktl.build(context(SMALL), "--builder",
                            with_tls(daemon, tmp_path / "none.pem", client))
    assert result.code == 2
    assert "none.pem" in result.err


def test_plain_on_loopback_builds(lone_ktl, context):
    daemon = TcpBuildkitd()
    try:
        lone_ktl.build_ok(context(SMALL), "--builder", daemon.address)
    finally:
        daemon.close()


def test_nobody_there_is_exit_6(lone_ktl, context):
    result = lone_ktl.build(context(SMALL), "--builder", "tcp://127.0.0.1:1")
    assert result.code == 6
    assert "127.0.0.1:1" in result.err
