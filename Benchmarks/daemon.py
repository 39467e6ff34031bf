"""What the daemon costs: starting and stopping programs, lying still, starting again what ended."""

import json
import os
import statistics
import subprocess
import time

from measure import Daemon, TICKS, cpu_ticks, median_of, proc_kb, wait_until


def programs(table, counts):
    with Daemon() as daemon:
        for count in [count for count in counts if count >= 100]:
            apps = daemon.ecosystem(count)
            steps = {"start": [], "stop": [], "restart": [], "delete": []}
            spawns = []
            for _ in range(3):
                spawns.append(float(subprocess.check_output([daemon.tools, "spawn", str(count)])))
                for step, words in [
                    ("start", ["start", apps]), ("restart", ["restart", "all"]), ("stop", ["stop", "all"]),
                    ("delete", ["delete", "all"]),
                ]:
                    before = time.perf_counter()
                    daemon.gopm(*words)
                    steps[step].append((time.perf_counter() - before) * 1000)
            spawn = statistics.median(spawns)
            table.section(f"{count} programs at once")
            table.add("start from one file", statistics.median(steps["start"]), "ms", spawn, "posix_spawn loop in C")
            for step in ["restart", "stop", "delete"]:
                table.add(f"{step} all", statistics.median(steps[step]), "ms")


def rest(table, counts):
    for count in [0] + counts:
        with Daemon() as daemon:
            if count:
                daemon.gopm("start", daemon.ecosystem(count))
            time.sleep(5)
            begun, ticks = time.perf_counter(), cpu_ticks(daemon.pid)
            time.sleep(20)
            share = (cpu_ticks(daemon.pid) - ticks) / TICKS / (time.perf_counter() - begun) * 100
            resident, private, threads = proc_kb(daemon.pid, "status", "VmRSS", "RssAnon", "Threads")
            (proportional,) = proc_kb(daemon.pid, "smaps_rollup", "Pss")
            table.section(f"gopmd at rest with {count} programs")
            budgets = {0: (9, 1.5), 100: (10, 2), 500: (13, 4)}.get(count, (None, None))
            table.add("RSS", resident / 1024, "MB", budgets[0], "budget" if budgets[0] else "")
            table.add("private (RssAnon)", private / 1024, "MB", budgets[1], "budget" if budgets[1] else "")
            table.add("PSS", proportional / 1024, "MB")
            table.add("threads", threads, "number", 4, "budget")
            table.add("descriptors", len(os.listdir(f"/proc/{daemon.pid}/fd")), "number")
            table.add("CPU", share, "%", 0.3, "budget")


def respawn(table, counts):
    """A program that lives 50 ms and notes when it began and ended."""
    with Daemon() as daemon:
        notes = f"{daemon.home}/notes"
        flags = ["--restart-delay", "0s"]
        daemon.gopm("start", daemon.tools, "--name", "loop", *flags, "--", "stamp", notes, "50")
        wait_until(lambda: os.path.exists(notes) and open(notes).read().count("\n") > 60, pause=0.1)
        daemon.gopm("delete", "loop")
        subprocess.run([daemon.tools, "loop", "60", f"{notes}-peer", "50"], check=True)
        table.section("Restarts")
        table.add("end of one life to main() of the next", gap(notes), "ms", gap(f"{notes}-peer"), "posix_spawn loop in C")
        table.add("restarts of /bin/true", median_of(3, lambda: crashes_a_second(daemon, flags)), "a second")


def gap(notes):
    lives = [tuple(map(int, line.split())) for line in open(notes)]
    return statistics.median((following[0] - life[1]) / 1e6 for life, following in zip(lives, lives[1:]))


def crashes_a_second(daemon, flags):
    daemon.gopm("start", "/bin/true", "--name", "crash", *flags)
    time.sleep(0.5)
    count, before = restarts(daemon), time.perf_counter()
    time.sleep(3)
    rate = (restarts(daemon) - count) / (time.perf_counter() - before)
    daemon.gopm("delete", "crash")
    return rate


def restarts(daemon):
    return json.loads(daemon.gopm("describe", "crash", "--json"))["restarts"]
