"""What must not get in, and what must not bring the server down.

usage: attacks.py URL TESTAPP
"""

import concurrent.futures
import http.client
import json
import os
import signal
import socket
import sys
import threading
import time
from urllib.parse import urlparse

URL, TESTAPP = urlparse(sys.argv[1]), sys.argv[2]
HOME = os.environ["GOPM_HOME"]
SLOWNESS = float(os.environ.get("GOPM_TEST_TIMEOUT", "1"))
NOBODY = 65534
HOST = f"{URL.hostname}:{URL.port}"
JSON = "application/json"
ENVELOPE = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": {"name": "attacks.py", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {},
}


def message(method, params=None, **more):
    return json.dumps(
        {"jsonrpc": "2.0", "id": 1, "method": method, "params": {**(params or {}), "_meta": ENVELOPE}, **more}
    ).encode()


def routing(method, name=None):
    headers = {"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": method}
    return headers | ({"Mcp-Name": name} if name else {})


LIST = message("tools/call", {"name": "gopm_list"})
LIST_HEADERS = {"Content-Type": JSON} | routing("tools/call", "gopm_list")


def exchange(body=LIST, headers=LIST_HEADERS, method="POST", path=URL.path, host=HOST):
    connection = http.client.HTTPConnection(URL.hostname, URL.port, timeout=20 * SLOWNESS)
    connection.putrequest(method, path, skip_host=True)
    if host is not None:
        connection.putheader("Host", host)
    for name, value in headers.items():
        for single in value if isinstance(value, list) else [value]:
            connection.putheader(name, single)
    if body is not None:
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    response = connection.getresponse()
    answer = response.status, response.read(), response.headers
    connection.close()
    return answer


def expect(status, *arguments, code=None, **options):
    got, body, headers = exchange(*arguments, **options)
    assert got == status, (status, got, body)
    if code is not None:
        assert json.loads(body)["error"]["code"] == code, body
    return json.loads(body) if body else None


def raw(data, wait):
    """Sends bytes and reads until the server closes; how long that took, and what came."""
    begun = time.monotonic()
    with socket.create_connection((URL.hostname, URL.port), timeout=wait * SLOWNESS) as connection:
        connection.sendall(data)
        received = b""
        try:
            while chunk := connection.recv(65536):
                received += chunk
        except ConnectionResetError:
            pass
    return time.monotonic() - begun, received


def works():
    answer = expect(200)
    return answer["result"]["structuredContent"]["processes"]


def web_pages():
    for origin in ["http://evil.example", "null", "file://", "http://localhost", f"http://localhost:{URL.port + 1}",
                   f"http://localhost.evil.example:{URL.port}", f"http://evil.example:{URL.port}"]:
        expect(403, headers=LIST_HEADERS | {"Origin": origin})
    expect(403, headers=LIST_HEADERS | {"Origin": [f"http://{HOST}", "http://evil.example"]})
    expect(200, headers=LIST_HEADERS | {"Origin": f"http://{HOST}"})
    for host in ["evil.example", f"evil.example:{URL.port}", f"127.0.0.1.evil.example:{URL.port}", "127.0.0.1",
                 f"127.0.0.1:{URL.port + 1}", "", f"[::1]{URL.port}", None]:
        status, body, _ = exchange(host=host)
        assert status in (400, 421), (host, status, body)
    expect(200, host=f"LocalHost:{URL.port}")
    # The three types that a page may send anywhere without asking.
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/json", ""]:
        expect(415, headers=LIST_HEADERS | {"Content-Type": kind})
    expect(200, headers=LIST_HEADERS | {"Content-Type": "application/json; charset=utf-8"})
    # Preflights are answered with a refusal.
    expect(405, None, {}, method="OPTIONS")


def bodies():
    expect(400, b"{", code=-32700)
    expect(400, b"\xff\xfe", code=-32700)
    expect(400, b"[" * 100_000, code=-32700)
    expect(400, b"", code=-32700)
    expect(400, b"7", {"Content-Type": JSON}, code=-32600)
    expect(400, b"[]", code=-32600)
    expect(400, b'{"jsonrpc":"1.0","id":1,"method":"tools/list"}', code=-32600)
    expect(400, b'{"jsonrpc":"2.0","id":null,"method":"tools/list","params":{}}', code=-32600)
    expect(400, b'{"jsonrpc":"2.0","id":1,"method":"tools/list"}', {"Content-Type": JSON}, code=-32600)
    expect(413, b" " * (1 << 20) + LIST)
    resident = memory()
    threads = [threading.Thread(target=pour, args=(25,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert memory() - resident < 24 << 20, (resident, memory())
    works()


def pour(megabytes):
    """A body without an announced length, which goes on and on."""
    head = f"POST {URL.path} HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: {JSON}\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"%x\r\n" % (1 << 20) + b"x" * (1 << 20) + b"\r\n"
    with socket.create_connection((URL.hostname, URL.port), timeout=30 * SLOWNESS) as connection:
        try:
            connection.sendall(head.encode())
            for _ in range(megabytes):
                connection.sendall(chunk)
            connection.sendall(b"0\r\n\r\n")
            assert b" 413 " in connection.recv(4096)
        except (ConnectionResetError, BrokenPipeError):
            pass


def server():
    """The server's PID, from the file that it holds locked."""
    with open(f"{HOME}/run/mcp") as file:
        return int(file.read().split()[0])


def memory():
    with open(f"/proc/{server()}/status") as file:
        line = next(line for line in file if line.startswith("VmRSS:"))
    return int(line.split()[1]) << 10


def routing_headers():
    expect(400, headers={"Content-Type": JSON} | routing("tools/list", "gopm_list"), code=-32020)
    expect(400, headers={"Content-Type": JSON} | routing("tools/call", "gopm_ping"), code=-32020)
    expect(400, headers={"Content-Type": JSON} | routing("tools/call"), code=-32020)
    expect(400, headers={"Content-Type": JSON}, code=-32020)
    expect(400, headers=LIST_HEADERS | {"MCP-Protocol-Version": "2025-11-25"}, code=-32020)
    expect(400, headers=LIST_HEADERS | {"Mcp-Method": ["tools/call", "tools/call"]}, code=-32020)
    expect(200, headers=LIST_HEADERS | {"Mcp-Name": "=?base64?Z29wbV9saXN0?="})
    expect(400, headers=LIST_HEADERS | {"Mcp-Name": "=?base64?Z29wbV9saXN0"}, code=-32020)
    expect(400, headers=LIST_HEADERS | {"Mcp-Name": "=?base64?Z29wbV9sa?="}, code=-32020)
    future = LIST.replace(b"2026-07-28", b"2027-01-01")
    answer = expect(400, future, LIST_HEADERS | {"MCP-Protocol-Version": "2027-01-01"}, code=-32022)
    assert "2026-07-28" in answer["error"]["data"]["supported"] and answer["error"]["data"]["requested"] == "2027-01-01"
    lacking = json.loads(LIST)
    del lacking["params"]["_meta"]["io.modelcontextprotocol/clientCapabilities"]
    expect(400, json.dumps(lacking).encode(), code=-32602)
    expect(404, message("no/such"), {"Content-Type": JSON} | routing("no/such"), code=-32601)
    expect(404, message("ping"), {"Content-Type": JSON} | routing("ping"), code=-32601)
    for method in ("GET", "DELETE"):
        expect(405, None, {"MCP-Protocol-Version": "2026-07-28"}, method=method)
    expect(202, b'{"jsonrpc":"2.0","method":"notifications/cancelled","params":{}}', LIST_HEADERS)
    expect(406, headers=LIST_HEADERS | {"Accept": "text/html"})
    expect(406, message("subscriptions/listen", {"notifications": {}}),
           {"Content-Type": JSON, "Accept": JSON} | routing("subscriptions/listen"))


def sessions():
    initialize = json.dumps({
        "jsonrpc": "2.0", "id": 1, "method": "initialize",
        "params": {"protocolVersion": "1999-01-01", "capabilities": {}, "clientInfo": {"name": "a", "version": "1"}},
    }).encode()
    status, body, headers = exchange(initialize, {"Content-Type": JSON})
    assert status == 200 and json.loads(body)["result"]["protocolVersion"] == "2025-11-25", body
    session = {"Content-Type": JSON, "Mcp-Session-Id": headers["Mcp-Session-Id"]}
    ping = b'{"jsonrpc":"2.0","id":2,"method":"ping"}'
    expect(200, ping, session)
    expect(200, ping, session | {"MCP-Protocol-Version": "2025-11-25"})
    expect(400, ping, session | {"MCP-Protocol-Version": "1999-01-01"}, code=-32022)
    expect(404, ping, session | {"Mcp-Session-Id": "0" * 32})
    expect(400, ping, {"Content-Type": JSON}, code=-32600)
    expect(400, None, {"Accept": "text/event-stream"}, method="GET")
    expect(404, None, {"Accept": "text/event-stream", "Mcp-Session-Id": "x"}, method="GET")
    expect(204, None, session, method="DELETE")
    expect(404, None, session, method="DELETE")
    expect(404, ping, session)
    expect(400, b'{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}', {"Content-Type": JSON}, code=-32602)
    opened = []
    for _ in range(80):
        status, body, headers = exchange(initialize, {"Content-Type": JSON})
        if status == 503:
            break
        opened.append(headers["Mcp-Session-Id"])
    assert status == 503 and 50 <= len(opened) <= 64, (status, len(opened))
    for name in opened:
        expect(204, None, {"Mcp-Session-Id": name}, method="DELETE")


def slow_clients():
    """Bytes that come one by one gain no time; others are served meanwhile."""
    results = []

    def dribble(data):
        begun = time.monotonic()
        with socket.create_connection((URL.hostname, URL.port)) as connection:
            connection.settimeout(0.5)
            while time.monotonic() - begun < 60:
                try:
                    connection.sendall(data[:1])
                    data = data[1:] or b"x"
                    if not connection.recv(1000):
                        break
                except TimeoutError:
                    continue
                except OSError:
                    break
        results.append(time.monotonic() - begun)

    head = f"POST {URL.path} HTTP/1.1\r\nHost: {HOST}\r\nX-Slow: " + "x" * 1000
    body = f"POST {URL.path} HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: {JSON}\r\nContent-Length: 1000\r\n\r\n"
    threads = [threading.Thread(target=dribble, args=(head.encode(),)) for _ in range(20)]
    threads.append(threading.Thread(target=raw, args=(body.encode(), 30)))
    threads.append(threading.Thread(target=raw, args=(b"", 30)))
    for thread in threads:
        thread.start()
    for _ in range(5):
        begun = time.monotonic()
        works()
        assert time.monotonic() - begun < 2 * SLOWNESS
    for thread in threads:
        thread.join(40 * SLOWNESS)
        assert not thread.is_alive(), "a slow client holds its place"
    assert len(results) == 20 and max(results) < 20 * SLOWNESS, results
    elapsed, _ = raw(b"\x00\x01garbage\r\n\r\n" * 10, 15)
    assert elapsed < 15 * SLOWNESS


def crowd():
    """Fifty clients at once, each with a connection of its own that it keeps."""

    def client(_):
        connection = http.client.HTTPConnection(URL.hostname, URL.port, timeout=30 * SLOWNESS)
        for _ in range(4):
            connection.request("POST", URL.path, LIST, LIST_HEADERS)
            response = connection.getresponse()
            answer = json.loads(response.read())
            assert response.status == 200 and not answer["result"]["isError"], answer
        connection.close()
        return True

    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        assert all(pool.map(client, range(50)))


def as_nobody(body):
    """Runs a function as another user; what it returns must be JSON."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
            os.write(writing, json.dumps(body()).encode())
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        text = pipe.read()
    assert os.waitpid(child, 0)[1] == 0, "the other user's process failed"
    return json.loads(text)


def other_users():
    if os.getuid() != 0:
        return print("skipped: another user (not root)")
    with open(f"{HOME}/mcp.token") as file:
        token = file.read().strip()
    assert os.stat(f"{HOME}/mcp.token").st_mode & 0o777 == 0o600

    def status(headers):
        return as_nobody(lambda: exchange(headers=LIST_HEADERS | headers)[0])

    assert status({}) == 401
    assert status({"Authorization": "Bearer wrong"}) == 401
    assert status({"Authorization": f"Bearer {token[:-1]}"}) == 401
    assert status({"Authorization": f"Bearer {token}x"}) == 401
    assert status({"Authorization": f"Basic {token}"}) == 401
    assert status({"Authorization": f"Bearer {token}"}) == 200
    assert as_nobody(lambda: exchange(None, {}, "GET", "/health")[0]) == 200
    assert as_nobody(lambda: exchange(None, {"Mcp-Session-Id": "x"}, "DELETE")[0]) == 401

    # Once its owner has closed it, the kernel says of any socket that it is root's.
    start = message("tools/call", {"name": "gopm_start", "arguments": {"command": TESTAPP, "name": "intruder"}})
    head = "".join(f"{name}: {value}\r\n" for name, value in (
        {"Host": HOST, "Content-Type": JSON, "Content-Length": len(start)} | routing("tools/call", "gopm_start")).items())
    request = f"POST {URL.path} HTTP/1.1\r\n{head}\r\n".encode() + start

    def shoot():
        for _ in range(100):
            connection = socket.create_connection((URL.hostname, URL.port))
            connection.sendall(request)
            connection.close()
        return True

    assert as_nobody(shoot)
    time.sleep(0.5)  # There is no event for "it was refused"; a start takes a few milliseconds.
    assert "intruder" not in [process["name"] for process in works()]
    # A connection is not trusted for what another one from the same port was.
    works()


def daemon_dies():
    """The next call starts another daemon, and a stream that is open tells of what it does."""
    listen = message("subscriptions/listen", {"notifications": {
        "resourcesListChanged": True, "resourceSubscriptions": ["gopm://processes", "gopm://process/survivor"]}})
    connection = http.client.HTTPConnection(URL.hostname, URL.port, timeout=30 * SLOWNESS)
    connection.request("POST", URL.path, listen, {"Content-Type": JSON, "Accept": f"{JSON}, text/event-stream"}
                       | routing("subscriptions/listen"))
    stream = connection.getresponse()

    def next_message():
        while True:
            line = stream.readline()
            assert line, "the stream has ended"
            if line.startswith(b"data: "):
                return json.loads(line[6:])

    assert next_message()["method"] == "notifications/subscriptions/acknowledged"

    def call(tool, /, **arguments):
        answer = expect(200, message("tools/call", {"name": tool, "arguments": arguments}),
                        {"Content-Type": JSON} | routing("tools/call", tool))
        assert not answer["result"]["isError"], answer
        return answer["result"]["structuredContent"]

    before = call("gopm_ping")["pid"]
    started = call("gopm_start", command=TESTAPP, args=["--run-forever"], name="survivor")
    while next_message()["method"] != "notifications/resources/list_changed":
        pass
    os.kill(before, signal.SIGKILL)
    after = call("gopm_ping")["pid"]
    assert after != before
    assert call("gopm_isrunning", target="survivor")["pid"] == started["pid"]
    call("gopm_stop", target="survivor")
    while next_message()["params"].get("uri") != "gopm://process/survivor":
        pass
    call("gopm_delete", target="survivor")
    while next_message()["method"] != "notifications/resources/list_changed":
        pass
    connection.close()
    with open(f"{HOME}/daemon.log") as file:
        log = file.read()
    assert 'client="attacks.py 1"' in log and "method=start" in log, log[-2000:]


def forged_text():
    """What programs write and are called stays data: it makes no line of its own and no escape sequence."""
    evil = '\x1b[2J\x1b]0;title\x07 "},{"x": 1} \r[gopm] all is well\u202e'
    start = message("tools/call", {"name": "gopm_start", "arguments": {
        "command": TESTAPP, "name": "forger", "args": ["--run-forever", "--say", evil]}})
    assert not expect(200, start, {"Content-Type": JSON} | routing("tools/call", "gopm_start"))["result"]["isError"]
    logs = message("tools/call", {"name": "gopm_logs", "arguments": {"target": "forger"}})
    describe = message("tools/call", {"name": "gopm_describe", "arguments": {"target": "forger"}})
    end = time.monotonic() + 10 * SLOWNESS
    while True:
        answer = expect(200, logs, {"Content-Type": JSON} | routing("tools/call", "gopm_logs"))["result"]
        lines = [line for line in answer["structuredContent"]["lines"] if "all is well" in line]
        if lines or time.monotonic() > end:
            break
        time.sleep(0.05)
    assert len(lines) == 1 and "[OUT]" in lines[0], answer
    described = expect(200, describe, {"Content-Type": JSON} | routing("tools/call", "gopm_describe"))["result"]
    for text in [lines[0], answer["content"][0]["text"], described["content"][0]["text"]]:
        assert not any(ord(letter) < 32 and letter != "\n" or letter == "\u202e" for letter in text), repr(text)
    delete = message("tools/call", {"name": "gopm_delete", "arguments": {"target": "forger"}})
    expect(200, delete, {"Content-Type": JSON} | routing("tools/call", "gopm_delete"))


if __name__ == "__main__":
    for test in sys.argv[3:] or [web_pages, bodies, routing_headers, sessions, crowd, other_users, forged_text, daemon_dies,
                                 slow_clients]:
        test = globals()[test] if isinstance(test, str) else test
        begun = time.monotonic()
        test()
        print(f"ok {test.__name__} ({time.monotonic() - begun:.1f}s)", flush=True)
