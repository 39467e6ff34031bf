"""What a command costs: its start, its question to the daemon, its answer."""

import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import time

from measure import BIN, Daemon, side_by_side, spawn_time

TRUE = "/bin/true"


def startup(table, counts):
    for count in counts:
        with Daemon() as daemon:
            daemon.gopm("start", daemon.ecosystem(count))
            pid = str(json.loads(daemon.gopm("describe", "p0", "--json"))["pid"])
            commands = [
                ["--version"], ["ping"], ["isrunning", "p0"], ["list"], ["list", "--json"], ["describe", "p0"],
                ["pid", pid, "--json"], ["logs", "p0", "-n20"],
            ]
            peers = [[TRUE]] + status_commands(daemon, count)
            medians = side_by_side(
                peers + [[f"{BIN}/gopm", *words] for words in commands], daemon.environment, 40 if count < 500 else 15
            )
            table.section(f"Commands with {count} programs")
            for words, median in zip(commands, medians[len(peers):]):
                shown = " ".join("PID" if word == pid else word for word in words)
                table.add(f"gopm {shown}", median, "ms", medians[0], "/bin/true")
            for words, median in list(zip(peers, medians))[1:]:
                listing = medians[len(peers) + 3]
                table.add(f"gopm list", listing, "ms", median, f"{os.path.basename(words[0])} status")
            stop_peers(daemon)
    table.section("First command, with the start of the daemon")
    times = []
    for _ in range(15):
        daemon = Daemon()
        try:
            times.append(spawn_time([f"{BIN}/gopm", "ping"], daemon.environment))
        finally:
            daemon.__exit__()
    table.add("gopm ping, no daemon runs", statistics.median(times), "ms", 20, "budget")


def status_commands(daemon, count):
    """runit and supervisord with as many services, asked for all of them."""
    daemon.peers = []
    if count > 100:
        return []
    commands = []
    if shutil.which("runsvdir"):
        commands.append(runit(daemon, count))
    if shutil.which("supervisord"):
        commands.append(supervisor(daemon, count))
    return commands


def runit(daemon, count):
    folder = f"{daemon.home}/services"
    for index in range(count):
        os.makedirs(f"{folder}/s{index}")
        with open(f"{folder}/s{index}/run", "w") as file:
            file.write(f"#!/bin/sh\nexec {daemon.tools} wait\n")
        os.chmod(f"{folder}/s{index}/run", 0o755)
    daemon.peers.append(subprocess.Popen(["runsvdir", folder]))
    last = f"{folder}/s{count - 1}"
    while subprocess.run(["sv", "status", last], capture_output=True).returncode:
        time.sleep(0.2)
    time.sleep(1)
    return [shutil.which("sv"), "status", *(f"{folder}/s{index}" for index in range(count))]


def supervisor(daemon, count):
    path = f"{daemon.home}/supervisord.conf"
    with open(path, "w") as file:
        file.write(
            f"[unix_http_server]\nfile={daemon.home}/supervisor.sock\n[supervisord]\nnodaemon=true\n"
            f"logfile={daemon.home}/supervisord.log\npidfile={daemon.home}/supervisord.pid\nchildlogdir={daemon.home}\n"
            "[rpcinterface:supervisor]\n"
            "supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface\n"
            f"[supervisorctl]\nserverurl=unix://{daemon.home}/supervisor.sock\n"
        )
        for index in range(count):
            file.write(f"[program:s{index}]\ncommand={daemon.tools} wait\n")
    daemon.peers.append(subprocess.Popen(["supervisord", "-c", path], stdout=subprocess.DEVNULL))
    words = [shutil.which("supervisorctl"), "-c", path, "status"]
    while subprocess.run(words, capture_output=True).returncode:
        time.sleep(0.3)
    return words


def stop_peers(daemon):
    for peer in daemon.peers:
        # SIGHUP: runsvdir ends its services, too (runsvdir(8)).
        peer.send_signal(signal.SIGHUP if peer.args[0] == "runsvdir" else signal.SIGTERM)
        peer.wait()
        time.sleep(0.5)


def requests(table, counts):
    line = b'{"method":"ping"}\n'
    with Daemon() as daemon:
        path = f"{daemon.home}/gopm.sock"

        def ask(connection):
            connection.sendall(line)
            answer = b""
            while not answer.endswith(b"\n"):
                answer += connection.recv(65536)

        def one_connection():
            before = time.perf_counter()
            with socket.socket(socket.AF_UNIX) as connection:
                connection.connect(path)
                for _ in range(1000):
                    ask(connection)
            return (time.perf_counter() - before) * 1000

        def many_connections():
            before = time.perf_counter()
            for _ in range(1000):
                with socket.socket(socket.AF_UNIX) as connection:
                    connection.connect(path)
                    ask(connection)
            return (time.perf_counter() - before) * 1000

        table.section("The control socket")
        table.add("1,000 pings over one connection", statistics.median(one_connection() for _ in range(7)), "ms")
        table.add("1,000 pings, a connection each", statistics.median(many_connections() for _ in range(7)), "ms")
