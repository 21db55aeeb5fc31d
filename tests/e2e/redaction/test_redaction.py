"""A secret that a step prints is in nothing that ktl shows or writes."""

import base64
import os
import pty
import urllib.parse

import pytest

from rig import images

SECRET = "s3cr=t/P4ss word+that-is?long~enough-to-be-wrapped-over-several-lines%"
STEP = r"""RUN --mount=type=secret,id=token <<EOF
f=/run/secrets/token
echo "raw: $(cat $f)"
cat $f >&2
echo "base64: $(base64 -w 20 $f)"; (printf xy; cat $f) | base64
echo "hex: $(hexdump -v -e '1/1 "%02x"' $f) $(hexdump -v -e '1/1 "%02X"' $f)"
cat $f | while IFS= read -r -n 1 c; do printf '%s' "$c"; sleep 0.01; done
for i in $(seq 100); do echo "$i $(cat $f) $i"; done
"""


def forms():
    """Every text that would give the secret, or most of it, away."""
    raw = SECRET.encode()
    texts = [SECRET, raw.hex(), raw.hex().upper(), urllib.parse.quote(SECRET, safe="")]
    for lead in range(3):
        texts.append(base64.b64encode(b"x" * lead + raw).decode()[4:-4])
    # And no half of it either: wherever it was cut, 12 bytes in a row give it away.
    return {text[i:i + 12] for text in texts for i in range(0, len(text) - 11)}


def given_away(text):
    text = text.replace("\r", "").replace("\n", "")
    return sorted(form for form in forms() if form in text)


def written(ktl):
    """All that ktl left on the disk; the secret's own file is elsewhere."""
    for path in ktl.home.rglob("*"):
        if path.is_file() and not path.is_symlink() and "secret-of-test" not in path.name:
            yield path, path.read_bytes().decode(errors="replace")


@pytest.fixture
def secret_file(ktl):
    path = ktl.home / "secret-of-test"
    path.write_text(SECRET + "\n")
    return path


def on_a_terminal(ktl, folder, *args):
    """What `ktl build --progress tty` draws."""
    main, end = pty.openpty()
    process = ktl.start("build", folder, "--builder", ktl.builder, "--progress", "tty", *args,
                        stdout=end, stderr=end, env={"TERM": "xterm"}, text=False, errors=None)
    os.close(end)
    drawn = b""
    while True:
        try:
            piece = os.read(main, 65536)
        except OSError:
            break
        if not piece:
            break
        drawn += piece
    os.close(main)
    return process.wait(timeout=60), drawn.decode(errors="replace")


@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.parametrize("mode", ["plain", "rawjson", "quiet", "tty"])
def test_a_printed_secret_is_seen_nowhere(ktl, context, secret_file, mode, fails):
    folder = context(images.BASE + STEP + ("exit 3\n" if fails else "") + "EOF\n")
    args = ["--secret", f"id=token,src={secret_file}", "--no-cache", "--metadata-file",
            ktl.home / "metadata.json", "--iidfile", ktl.home / "iid", "-t", "app:dev"]
    if mode == "tty":
        code, said = on_a_terminal(ktl, folder, *args)
    else:
        result = ktl.build(folder, "--progress", mode, *args)
        code, said = result.code, result.out + result.err
    assert code == (1 if fails else 0), said
    assert given_away(said) == []
    if mode in ("plain", "rawjson"):
        assert "raw: ***" in said
        assert "7 *** 7" in said
    records = [path for path, _ in written(ktl) if path.parent.name == "records"]
    assert records
    for path, text in written(ktl):
        assert given_away(text) == [], path


def test_an_error_does_not_tell_a_secret(ktl, context):
    """The secret's value is the very name of a stage that does not exist."""
    folder = context("FROM scratch\nCOPY --from=stage-hunter2hunter2 a b\n")
    result = ktl.build(folder, "--secret", "TOKEN", env={"TOKEN": "stage-hunter2hunter2"})
    assert result.code == 1
    assert "***" in result.err
    assert "hunter2" not in result.err


def test_a_short_secret_is_warned_about_by_name(ktl, context):
    folder = context(images.BASE)
    result = ktl.build_ok(folder, "--secret", "PIN", env={"PIN": "1234xyz"})
    assert "secret PIN is shorter than 8 bytes" in result.err
    assert "1234xyz" not in result.err
    assert "shorter" not in ktl.build_ok(folder, "--secret", "PIN", env={"PIN": "1234xyz8"}).err


def test_private_keys_and_tokens_are_masked_without_being_named(ktl, context):
    line = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"
    token = "ghp_" + "a1B2" * 9
    folder = context(images.BASE + f"""RUN <<EOF
echo "-----BEGIN PRIVATE KEY-----"; echo {line[:32]}"{line[32:]}"; sleep 0.1
echo {line}; echo "-----END PRIVATE KEY-----"; echo token {token[:20]}''{token[20:]} end
EOF
""")
    result = ktl.build_ok(folder, "--no-cache")
    steps = "\n".join(text for text in result.err.splitlines() if "|" in text)
    assert "token *** end" in steps
    assert line not in steps and token not in steps


def test_a_thousand_secrets_are_hidden(ktl, context):
    names = {f"SECRET_{i}": f"value-{i:04}-of-a-thousand" for i in range(1000)}
    args = [word for name in names for word in ("--secret", name)]
    folder = context(images.BASE + "RUN for i in 0007 0500 0999; do "
                                   "echo \"is value-$i-of-a-thousand\"; done\n")
    result = ktl.build_ok(folder, "--no-cache", *args, env=names)
    assert result.err.count("is ***") >= 3
    assert "-of-a-thousand\n" not in result.err.replace('-of-a-thousand"', "")


def test_a_registry_password_is_hidden(ktl, context):
    """A step prints what is also the password of a registry of docker's configuration."""
    config = ktl.home / "docker"
    config.mkdir()
    auth = base64.b64encode(b"someone:correct-horse-battery").decode()
    (config / "config.json").write_text(f'{{"auths": {{"localhost:1": {{"auth": "{auth}"}}}}}}')
    folder = context(images.BASE + "RUN echo correct-horse-''battery and "
                                   f"{auth[:11]}''{auth[11:]}\n")
    result = ktl.build_ok(folder, "--no-cache", env={"DOCKER_CONFIG": str(config)})
    logs = [text for text in result.err.splitlines() if "|" in text]
    assert any("*** and" in text for text in logs), result.err
    assert not any("horse-battery" in text or auth in text for text in logs)
