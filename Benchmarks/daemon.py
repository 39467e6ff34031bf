"""What the daemon costs: starting and stopping programs, lying still, starting again what ended."""

import json
import os
import shutil
import statistics
import subprocess
import tempfile
import time

from measure import BIN, Daemon, TICKS, cpu_ticks, median_of, proc_kb, side_by_side, wait_until


STEPS = ["start", "restart", "stop", "delete"]


def programs(table, counts):
    with Daemon() as daemon:
        for count in [count for count in counts if count >= 100]:
            spawns, steps = [], {step: [] for step in STEPS}
            for _ in range(3):
                spawns.append((spawn_loop(daemon, count), spawn_loop(daemon, count, with_files=True)))
                for step, took, _ in all_at_once(daemon, count):
                    steps[step].append(took)
            start = statistics.median(steps["start"])
            alone, with_files = (statistics.median(times) for times in zip(*spawns))
            table.section(f"{count} programs at once")
            table.add("start from one file", start, "ms", with_files, "posix_spawn and 4 new files each, in C")
            table.add("start from one file", start, "ms", alone, "posix_spawn loop in C")
            table.add("start from one file", start, "ms", {100: 100, 500: 500}.get(count), "budget")
            for step in STEPS[1:]:
                budget = {("stop", 500): 300, ("restart", 500): 600}.get((step, count))
                table.add(f"{step} all", statistics.median(steps[step]), "ms", budget, "budget" if budget else "")


def spawn_loop(daemon, count, with_files=False):
    """Milliseconds for as many starts by a loop in C, which its programs' FIFOs and logs would cost as many new files."""
    folder = tempfile.mkdtemp(dir=daemon.home)
    words = [daemon.tools, "spawn", str(count)] + ([folder] if with_files else [])
    took = float(subprocess.check_output(words))
    shutil.rmtree(folder)
    return took


def all_at_once(daemon, count):
    """Starts so many programs, restarts, stops and deletes them: step, milliseconds, and gopmd's own CPU milliseconds."""
    for step, words in zip(STEPS, [["start", daemon.ecosystem(count)]] + [[step, "all"] for step in STEPS[1:]]):
        ticks, before = cpu_ticks(daemon.pid), time.perf_counter()
        daemon.gopm(*words)
        yield step, (time.perf_counter() - before) * 1000, (cpu_ticks(daemon.pid) - ticks) * 1000 / TICKS


def growth(table, counts):
    """What one more program costs; what grows faster than the number of programs shows as rising figures."""
    for count in [250, 500, 1000, 2000]:
        with Daemon() as daemon:
            table.section(f"What each of {count} programs costs")
            for step, took, cpu in all_at_once(daemon, count):
                table.add(f"{step}, elapsed", took * 1000 / count, "us")
                table.add(f"{step}, gopmd's CPU", cpu * 1000 / count, "us")
            daemon.gopm("start", daemon.ecosystem(count))
            time.sleep(3)
            ping, table_of_all, json_of_all, one = side_by_side(
                [[f"{BIN}/gopm", *words] for words in (["ping"], ["list"], ["list", "--json"], ["isrunning", "p1"])],
                daemon.environment, 11,
            )
            table.add("list, above a ping", (table_of_all - ping) * 1000 / count, "us")
            table.add("list --json, above a ping", (json_of_all - ping) * 1000 / count, "us")
            table.add("isrunning, above a ping (all programs)", (one - ping) * 1000, "us")
            ticks, begun = cpu_ticks(daemon.pid), time.perf_counter()
            time.sleep(20)
            used = (cpu_ticks(daemon.pid) - ticks) * 1e6 / TICKS
            table.add("a look at CPU and memory, gopmd's CPU", used / count / ((time.perf_counter() - begun) / 2), "us")
            resident, private = proc_kb(daemon.pid, "status", "VmRSS", "RssAnon")
            table.add("private memory", private / count, "KB")
            table.add("resident memory, all programs", resident / 1024, "MB")
            table.add("descriptors", len(os.listdir(f"/proc/{daemon.pid}/fd")) / count, "number")


def rest(table, counts):
    for count in [0] + counts:
        with Daemon() as daemon:
            if count:
                daemon.gopm("start", daemon.ecosystem(count))
            # A start is followed by looks for ports, the last after five seconds.
            time.sleep(10)
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
