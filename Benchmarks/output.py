"""What output costs on its way from a program into its log, and from the log to who reads it."""

import contextlib
import json
import os
import re
import select
import shutil
import signal
import statistics
import subprocess
import time

from measure import BIN, Daemon, TICKS, cpu_ticks, proc_kb, side_by_side, wait_until

# A stamp is 30 bytes: 2026-01-01T00:00:00.000+00:00 and a blank.
STAMP = 30


def capture(table, counts):
    table.section("Log capture, MiB a second of what programs write")
    cases = [
        ("16-byte lines", 16, 64 << 20, 1, {}), ("100-byte lines", 100, 256 << 20, 1, {}),
        ("65,536-byte lines", 65_536, 512 << 20, 1, {}), ("100-byte lines, 8 writers", 100, 256 << 20, 8, {}),
        ("100-byte lines, rotated at 1 MB", 100, 128 << 20, 1, {"max_log_size": "1M"}),
        ("100-byte lines, rotated at 100 MB", 100, 256 << 20, 1, {"max_log_size": "100M"}),
    ]
    for name, line, size, writers, fields in cases:
        ours = statistics.median(captured(line, size, writers, fields) for _ in range(3))
        cat = statistics.median(piped(["cat"], line, size, writers) for _ in range(3))
        table.add(name, ours, "MiB/s", cat, "cat >file")
        if name == "100-byte lines":
            watched = statistics.median(captured(line, size, writers, fields, followers=True) for _ in range(3))
            table.add(f"{name}, followed by one that reads and one that doesn't", watched, "MiB/s", ours, "nobody follows")
        if shutil.which("s6-log") and writers == 1 and not fields:
            s6 = statistics.median(piped(["s6-log", "T", "s1000000", "{folder}"], line, size, 1) for _ in range(3))
            table.add(name, ours, "MiB/s", s6, "s6-log T")


def captured(line, size, writers, fields, followers=False):
    """From the start of the programs to the last byte in their logs."""
    with Daemon(on_disk=True) as daemon, contextlib.ExitStack() as readers:
        each = size // writers // line * line
        names = [f"w{index}" for index in range(writers)]
        app = {"command": daemon.tools, "args": ["write", str(each), str(line)], "autorestart": "never"}
        app.update({"max_log_size": "100G", **fields})
        path = f"{daemon.home}/writers.json"
        with open(path, "w") as file:
            json.dump({"apps": [{"name": name, **app} for name in names]}, file)
        if followers:
            follow(daemon, names, readers)
        before = time.perf_counter()
        daemon.gopm("start", path)
        if fields:
            wait_until(lambda: all(is_stopped(process) for process in json.loads(daemon.gopm("list", "--json"))), pause=0.01)
        else:
            full = each // line * (line + STAMP)
            wait_until(lambda: all(daemon.log_size(name) >= full for name in names))
        return size / (1 << 20) / (time.perf_counter() - before)


def follow(daemon, names, readers):
    """One whose lines are thrown away at once, and one whose pipe nobody empties; of a process that is in the list."""
    daemon.gopm("start", daemon.tools, "--name", names[0], "--autorestart", "never", "--", "write", "0", "100")
    wait_until(lambda: is_stopped(json.loads(daemon.gopm("describe", names[0], "--json"))), pause=0.01)
    for output in [subprocess.DEVNULL, subprocess.PIPE]:
        words = [f"{BIN}/gopm-logs", names[0], "-f", "-n", "0"]
        follower = subprocess.Popen(words, env=daemon.environment, stdout=output)
        readers.callback(follower.wait)
        readers.callback(follower.kill)
        # It has found its logs when it waits for news of them.
        wait_until(lambda: follows(follower.pid), pause=0.01)
    daemon.gopm("delete", names[0])


def follows(pid):
    try:
        links = [os.readlink(entry.path) for entry in os.scandir(f"/proc/{pid}/fd")]
    except FileNotFoundError:
        return False
    return any(link == "anon_inode:inotify" for link in links) and any(link.endswith("-out.log") for link in links)


def is_stopped(process):
    return process["status"] != "online"


def piped(reader, line, size, writers):
    """The same bytes through pipes into as many copies of a reader, each with a file of its own."""
    with Daemon(on_disk=True) as daemon:
        each = str(size // writers // line * line)
        before = time.perf_counter()
        readers = []
        for index in range(writers):
            folder = f"{daemon.home}/peer{index}"
            os.mkdir(folder)
            words = [word.replace("{folder}", folder) for word in reader]
            writer = subprocess.Popen([daemon.tools, "write", each, str(line)], stdout=subprocess.PIPE)
            with open(f"{folder}/file", "wb") as file:
                readers.append(subprocess.Popen(words, stdin=writer.stdout, stdout=file))
            writer.stdout.close()
        for process in readers:
            process.wait()
        return size / (1 << 20) / (time.perf_counter() - before)


def logs(table, counts):
    table.section("Reading logs")
    with Daemon({"logs": {"max_files": 20}}, on_disk=True) as daemon:
        daemon.gopm("start", daemon.tools, "--name", "w", "--", "wait")
        latency(table, daemon)
        end_of_large_file(table, daemon)


def latency(table, daemon):
    path = f"{daemon.home}/logs/w-out.log"
    words = [f"{BIN}/gopm-logs", "w", "-f", "-n", "0", "--out", "--raw"]
    follower = subprocess.Popen(words, env=daemon.environment, stdout=subprocess.PIPE)
    log = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    line = b"2026-01-01T00:00:00.000+00:00 line\n"
    # What was written before the follower began is not shown.
    while not select.select([follower.stdout], [], [], 0.1)[0]:
        os.write(log, line)
    time.sleep(0.3)
    os.read(follower.stdout.fileno(), 65536)
    times = []
    while len(times) < 300:
        before = time.perf_counter()
        os.write(log, line)
        os.read(follower.stdout.fileno(), 4096)
        times.append((time.perf_counter() - before) * 1000)
        time.sleep(0.005)
    follower.kill()
    follower.wait()
    table.add("write to seen by gopm-logs -f", statistics.median(times), "ms", 3, "budget")


def end_of_large_file(table, daemon):
    path = f"{daemon.home}/logs/w-out.log"
    with open(path, "wb") as log:
        log.write(b"2026-01-01T00:00:00.000+00:00 a line of a large log, like a million others before it\n" * 1_310_000)
    commands = [[f"{BIN}/gopm-logs", "w", "--out", "-n", "20"], ["/usr/bin/tail", "-n", "20", path]]
    ours, tail = side_by_side(commands, daemon.environment, 41)
    table.add("gopm-logs -n 20 of a file of 112 MB", ours, "ms", tail, "tail")
