"""gopm-mcp: what a call over HTTP takes, and what the server takes when it lies still."""

import http.client
import json
import socket
import statistics
import subprocess
import time

from measure import BIN, Daemon, proc_kb, wait_until

BODY = json.dumps({
    "jsonrpc": "2.0", "id": 1, "method": "tools/call",
    "params": {"name": "gopm_list", "_meta": {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}}},
})
HEADERS = {"Content-Type": "application/json", "MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/call",
           "Mcp-Name": "gopm_list"}


def mcp(table, counts):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with Daemon(config={"mcpserver": {"port": port}}) as daemon:
        daemon.gopm("start", daemon.ecosystem(20))
        server = subprocess.Popen([f"{BIN}/gopm-mcp"], env=daemon.environment, stderr=subprocess.DEVNULL)
        try:
            wait_until(lambda: is_listening(port))
            time.sleep(1)
            table.section("gopm-mcp")
            resident, private = proc_kb(server.pid, "status", "VmRSS", "RssAnon")
            table.add("RSS, idle", resident / 1024, "MB", 28, "budget")
            table.add("private (RssAnon), idle", private / 1024, "MB", 5, "budget")
            connection = http.client.HTTPConnection("127.0.0.1", port)
            times = [call(connection) for _ in range(300)]
            table.add("gopm_list of 20 programs, connection kept", statistics.median(times), "ms", 3, "budget")
        finally:
            server.terminate()
            server.wait()


def is_listening(port):
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0


def call(connection):
    before = time.perf_counter()
    connection.request("POST", "/mcp", BODY, HEADERS)
    response = connection.getresponse()
    answer = response.read()
    took = (time.perf_counter() - before) * 1000
    if response.status != 200 or b'"isError":false' not in answer:
        raise SystemExit(f"gopm_list: {response.status} {answer[:200]}")
    return took
