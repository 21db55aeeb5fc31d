"""Progress as lines, and the log file."""

import os
import re
import stat

from rig.images import BASE

DOCKERFILE = BASE.replace("FROM scratch", "FROM scratch AS base", 1) + """
FROM base AS left
RUN echo left
FROM base AS right
RUN echo right
FROM base
COPY --from=left /bin/busybox /l
COPY --from=right /bin/busybox /r
CMD echo hi
"""


def test_two_runs_of_a_cached_build_are_the_same_text(ktl, context):
    folder = context(DOCKERFILE)
    ktl.build_ok(folder, "-t", "a")
    first, *others = [ktl.build_ok(folder, "-t", "a") for _ in range(6)]
    for other in others:
        assert other.err == first.err
        assert other.out == first.out
    assert len(re.findall(r"^#\d+ CACHED$", first.err, re.MULTILINE)) == 6
    assert re.search(r"^Done: 6 of 6 steps cached$", first.err, re.MULTILINE)


def test_every_line_of_a_step_has_its_number(ktl, context):
    result = ktl.build_ok(context(DOCKERFILE), "--no-cache")
    number = re.search(r"^#(\d+) \[left 1/1\] RUN echo left$", result.err, re.MULTILINE)[1]
    assert f"#{number} | left\n" in result.err
    assert re.search(rf"^#{number} DONE \d+\.\ds$", result.err, re.MULTILINE)
    assert result.err.count("JSONArgsRecommended") == 1
    assert re.search(r"^Done in \d+\.\ds: 0 of 6 steps cached$", result.err, re.MULTILINE)


def test_the_log_file_has_all_that_is_shown_and_is_not_sent(ktl, context):
    folder = context(DOCKERFILE.replace("echo left", "ls / /c; echo left") .replace(
        "COPY busybox /bin/", "COPY busybox /bin/\nCOPY . /c"))
    log = folder / "logs/build.log"
    for _ in range(2):
        result = ktl.build_ok(folder, "--progress", "quiet", "--no-cache", "-t", "a", "--logfile", log)
        assert result.err == ""
    text = log.read_text()
    assert stat.S_IMODE(os.stat(log).st_mode) == 0o600
    assert len(re.findall(r"^#\d+ \[left 1/1\] RUN ls", text, re.MULTILINE)) == 2
    assert len(re.findall(r"^#\d+ \| left$", text, re.MULTILINE)) == 2
    assert "Done in" in text and result.out in text and "\x1b" not in text
    assert not re.search(r"^#\d+ \| build.log$", text, re.MULTILINE)
    assert "not sent, since this build writes it: logs/build.log" in text


def test_a_failure_is_in_the_log_file(ktl, context):
    result = ktl.build(context(BASE + "RUN false\n"), "--logfile", ktl.home / "log")
    assert result.code == 1
    assert "Error: process" in (ktl.home / "log").read_text()


def test_a_full_disk_ends_the_log_and_not_the_build(ktl, context):
    result = ktl.build(context(DOCKERFILE), "-t", "a", "--logfile", "/dev/full")
    assert result.code == 7
    assert result.err.count("the log file /dev/full ends here") == 1
    assert result.out.startswith("store sha256:")


def test_a_link_in_the_context_is_no_log_file(ktl, context):
    folder = context(DOCKERFILE)
    (ktl.home / "victim").write_text("precious")
    (folder / "log").symlink_to(ktl.home / "victim")
    result = ktl.build(folder, "--logfile", folder / "log")
    assert result.code == 2
    assert "--logfile" in result.err
    assert (ktl.home / "victim").read_text() == "precious"
