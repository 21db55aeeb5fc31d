"""What the builder has of a context does not travel again."""

import json

MANY = "FROM scratch\nCOPY . /\n"
FILES = 40


def sent(ktl, folder):
    """Files and bytes of all that one build sent of its context, the Dockerfile left out."""
    result = ktl.run("build", folder, "--builder", ktl.builder, "--progress", "rawjson")
    assert result.code == 0, result.err
    events = [json.loads(line) for line in result.err.splitlines() if line.startswith("{")]
    done = [event["body"] for event in events if event["type"] == "transfer/1"]
    assert done and all(transfer["done"] for transfer in done)
    contexts = [transfer for transfer in done if transfer["name"] == "context"]
    return sum(each["files"] for each in contexts), sum(each["bytes"] for each in contexts)


def project(context, name):
    files = {f"{name}/{number}": f"{name} {number}\n" * 99 for number in range(FILES)}
    return context(MANY, files, name)


def test_two_projects_in_turn_send_nothing_again(ktl, context):
    one, other = project(context, "one"), project(context, "other")
    for folder in (one, other):
        files, size = sent(ktl, folder)
        assert files >= FILES and size > FILES * 500
    for folder in (one, other, one, other):
        assert sent(ktl, folder) == (0, 0)


def test_a_changed_file_travels_alone(ktl, context):
    folder = project(context, "third")
    sent(ktl, folder)
    (folder / "third/7").write_text("changed")
    assert sent(ktl, folder) == (1, len("changed"))
