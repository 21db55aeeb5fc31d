"""Runs two commands in turn and compares them: wall time, CPU time and peak resident memory.

Both sides run in the same window, alternating who goes first, because a busy machine's speed
drifts: only differences inside one run mean something. Medians are printed.
"""

import os
import resource
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass


@dataclass
class Sample:
    wall_ms: float
    cpu_ms: float
    rss_mb: float


def run_once(argv: list[str], env: dict[str, str] | None = None) -> Sample:
    """One run of argv with its output thrown away; a failing command ends the benchmark."""
    start = time.perf_counter()
    child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                             stderr=subprocess.PIPE, env=env)
    message = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"{' '.join(argv)} ended with {child.returncode}:\n{message.decode()}")
    return Sample(1000 * wall, 1000 * (usage.ru_utime + usage.ru_stime), usage.ru_maxrss / 1024)


def compare(sides: dict[str, list[str]], rounds: int, env: dict[str, str] | None = None) -> dict:
    """Runs every side `rounds` times after one warm-up each; returns the samples by side."""
    for argv in sides.values():
        run_once(argv, env)
    samples: dict[str, list[Sample]] = {name: [] for name in sides}
    for index in range(rounds):
        order = list(sides) if index % 2 == 0 else list(reversed(sides))
        for name in order:
            samples[name].append(run_once(sides[name], env))
    return samples


def report(title: str, samples: dict[str, list[Sample]]) -> None:
    """Prints a table of medians; the last row is the first side divided by the second."""
    print(f"{title}: medians of {len(next(iter(samples.values())))} interleaved runs")
    print(f"{'':14}{'wall ms':>10}{'min ms':>10}{'cpu ms':>10}{'rss MB':>10}")
    rows = []
    for name, runs in samples.items():
        row = [statistics.median(run.wall_ms for run in runs), min(run.wall_ms for run in runs),
               statistics.median(run.cpu_ms for run in runs),
               statistics.median(run.rss_mb for run in runs)]
        rows.append(row)
        print(f"{name:14}" + "".join(f"{value:10.1f}" for value in row))
    print(f"(a child counts at least this program's own memory: {own_rss_mb():.1f} MB)")
    if len(rows) == 2:
        ratios = [first / second if second else 0 for first, second in zip(*rows)]
        print(f"{'ratio':14}" + "".join(f"{ratio:10.2f}" for ratio in ratios))


def own_rss_mb() -> float:
    """What a child inherits as its floor of ru_maxrss: the memory of this very program."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
