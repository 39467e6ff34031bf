"""What the benchmarks share: a daemon of their own, timings side by side, and the table."""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
BIN = f"{ROOT}/bin"
TICKS = os.sysconf("SC_CLK_TCK")


class Table:
    """Rows of: what, ours, the limit or peer, its name. Printed as they come, and kept for --json."""

    def __init__(self):
        self.rows = []

    def section(self, title):
        print(f"\n{title}")
        print(f"  {'':46} {'ours':>10} {'limit/peer':>11} {'ratio':>7}")

    def add(self, what, ours, unit, peer=None, peer_name=""):
        ratio = ours / peer if peer else None
        self.rows.append({"what": what, "ours": ours, "unit": unit, "peer": peer, "peer_name": peer_name, "ratio": ratio})
        shown_peer = "" if peer is None else number(peer)
        shown_ratio = "" if ratio is None else f"{ratio:.2f}"
        print(f"  {what + ' (' + unit + ')':46} {number(ours):>10} {shown_peer:>11} {shown_ratio:>7}  {peer_name}")
        sys.stdout.flush()


def number(value):
    return f"{value:.2f}" if value < 100 else f"{value:.0f}"


class Daemon:
    """A gopmd with a home of its own, gone with everything in it at the end.

    The home is in memory unless it is said otherwise: to make a file takes 5 us there, and on a disk whatever its file
    system takes (an ext4 without a journal 120 and more, once many files were deleted).
    """

    def __init__(self, config=None, on_disk=False):
        folder = None if on_disk or not os.access("/dev/shm", os.W_OK) else "/dev/shm"
        self.home = tempfile.mkdtemp(prefix="gopm-bench-", dir=folder)
        self.environment = dict(os.environ, GOPM_HOME=self.home)
        self.tools = f"{self.home}/tools"
        subprocess.run(["cc", "-O2", "-o", self.tools, f"{ROOT}/Benchmarks/tools.c"], check=True)
        if config:
            with open(f"{self.home}/gopm.config.json", "w") as file:
                json.dump(config, file)

    def __enter__(self):
        self.gopm("ping")
        return self

    def __exit__(self, *_):
        self.gopm("kill")
        shutil.rmtree(self.home)

    def gopm(self, *words):
        result = subprocess.run([f"{BIN}/gopm", *words], env=self.environment, capture_output=True, text=True)
        if result.returncode:
            raise SystemExit(f"gopm {' '.join(words)}: {result.stdout}{result.stderr}")
        return result.stdout

    @property
    def pid(self):
        with open(f"{self.home}/daemon.pid") as file:
            return int(file.read())

    def ecosystem(self, count, **fields):
        """A file of so many programs that only wait."""
        path = f"{self.home}/apps-{count}.json"
        app = {"command": self.tools, "args": ["wait"], **fields}
        with open(path, "w") as file:
            json.dump({"apps": [{"name": f"p{index}", **app} for index in range(count)]}, file)
        return path

    def log_size(self, name):
        """Bytes in a program's log and its rotated ones."""
        paths = [f"{self.home}/logs/{name}-out.log"] + [f"{self.home}/logs/{name}-out.log.{n}" for n in range(1, 10)]
        return sum(os.path.getsize(path) for path in paths if os.path.exists(path))


def spawn_time(words, environment):
    """Milliseconds from the start of a program to its end; its output goes nowhere."""
    before = time.perf_counter()
    child = os.posix_spawn(words[0], words, environment, file_actions=NOWHERE)
    _, status = os.waitpid(child, 0)
    took = (time.perf_counter() - before) * 1000
    if status:
        raise SystemExit(f"failed: {' '.join(words)}")
    return took


def side_by_side(commands, environment, runs):
    """Medians in ms. One run of each in turn, so that a machine that slows down slows all of them."""
    times = [[] for _ in commands]
    for _ in range(runs):
        for words, taken in zip(commands, times):
            taken.append(spawn_time(words, environment))
    return [statistics.median(taken) for taken in times]


def median_of(runs, body):
    return statistics.median(body() for _ in range(runs))


def wait_until(condition, seconds=60, pause=0.0005):
    end = time.perf_counter() + seconds
    while not condition():
        if time.perf_counter() > end:
            raise SystemExit("waited in vain")
        time.sleep(pause)


def proc_kb(pid, file, *keys):
    values = {}
    with open(f"/proc/{pid}/{file}") as lines:
        for line in lines:
            key, _, value = line.partition(":")
            if key in keys:
                values[key] = int(value.split()[0])
    return [values[key] for key in keys]


def cpu_ticks(pid):
    with open(f"/proc/{pid}/stat") as file:
        return sum(map(int, file.read().rsplit(")", 1)[1].split()[11:13]))


_nowhere = os.open("/dev/null", os.O_RDWR)
NOWHERE = [(os.POSIX_SPAWN_DUP2, _nowhere, target) for target in range(3)]
