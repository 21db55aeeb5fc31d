"""Peak memory of a command with everything it started: the sum of the processes' PSS, sampled.

PSS (proc_pid_smaps_rollup(5)) counts a page that several processes share once in all. Sampling costs
the command time, so that times and memory are measured in runs of their own.
"""

import pathlib
import statistics
import subprocess
import sys
import time

PAUSE = 0.002  # seconds between two looks


def children(pid: int) -> list[int]:
    """pid and all below it; empty when it is gone."""
    try:
        below = [int(child) for task in pathlib.Path(f"/proc/{pid}/task").iterdir()
                 for child in (task / "children").read_text().split()]
    except OSError:
        return []
    return [pid] + [each for child in below for each in children(child)]


def pss_kb(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as rollup:
            return next((int(line.split()[1]) for line in rollup if line.startswith("Pss:")), 0)
    except OSError:
        return 0


def peak_mb(argv: list[str], env: dict[str, str] | None = None) -> float:
    child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL, env=env)
    peak = 0
    while child.poll() is None:
        peak = max(peak, sum(map(pss_kb, children(child.pid))))
        time.sleep(PAUSE)
    if child.returncode != 0:
        sys.exit(f"{' '.join(argv)} ended with {child.returncode}")
    return peak / 1024


def report(title: str, sides: dict[str, list[str]], rounds: int) -> None:
    """Prints the median of the peaks of every side."""
    print(f"{title}: peak PSS of all processes together, medians of {rounds} interleaved runs")
    peaks: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, argv in sides.items():
            peaks[name].append(peak_mb(argv))
    medians = {name: statistics.median(values) for name, values in peaks.items()}
    for name, value in medians.items():
        print(f"{name:14}{value:10.1f} MB")
    if len(medians) == 2:
        first, second = medians.values()
        print(f"{'ratio':14}{first / second:10.2f}")
