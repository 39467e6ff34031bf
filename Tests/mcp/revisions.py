"""Every method of every revision over both transports, as bare messages; the official models look at each of them.

usage: revisions.py URL GOPM_MCP
"""

import http.client
import json
import os
import queue
import subprocess
import sys
import threading
from urllib.parse import urlparse

from mcp_types import jsonrpc, methods
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS, LATEST_MODERN_VERSION

URL, PROGRAM = urlparse(sys.argv[1]), sys.argv[2]
WAIT = 20 * float(os.environ.get("GOPM_TEST_TIMEOUT", "1"))
CLIENT = {"name": "revisions.py", "version": "1"}

# What is asked in every revision that knows the method.
REQUESTS = [
    ("ping", None),
    ("tools/list", {}),
    ("tools/call", {"name": "gopm_ping"}),
    ("tools/call", {"name": "gopm_list", "arguments": {}}),
    ("tools/call", {"name": "gopm_stop", "arguments": {"tarket": 1}}),
    ("tools/call", {"name": "gopm_stop", "arguments": {"target": "all"}, "_meta": {"progressToken": "p"}}),
    ("resources/list", {}),
    ("resources/templates/list", {}),
    ("resources/read", {"uri": "gopm://processes"}),
    ("resources/subscribe", {"uri": "gopm://processes"}),
    ("resources/unsubscribe", {"uri": "gopm://processes"}),
    ("prompts/list", {}),
    ("prompts/get", {"name": "review_processes"}),
    ("completion/complete", {"ref": {"type": "ref/prompt", "name": "diagnose_crash"},
                             "argument": {"name": "target", "value": ""}}),
    ("server/discover", {}),
]
# What must be refused, and how.
ERRORS = [
    ("no/such/method", {}, -32601),
    ("tools/call", {"name": "no_such_tool"}, -32602),
    ("tools/call", {}, -32602),
    ("tools/call", {"name": "gopm_list", "arguments": []}, -32602),
    ("tools/list", {"cursor": "made up"}, -32602),
    ("resources/read", {"uri": "gopm://process/ghost"}, None),
    ("prompts/get", {"name": "no_such_prompt"}, -32602),
    ("completion/complete", {"ref": {"type": "ref/prompt", "name": "x"}, "argument": {"name": "a", "value": ""}}, -32602),
]


class Stdio:
    name = "stdio"

    def __init__(self):
        self.process = subprocess.Popen([PROGRAM, "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            assert line.endswith(b"\n") and b"\n" not in line[:-1] and b"\r" not in line
            self.lines.put(json.loads(line))
        self.lines.put(None)

    def send(self, message):
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        self.process.stdin.flush()

    def exchange(self, message, **_):
        """Sends a message and returns what comes up to its answer."""
        self.send(message)
        if "id" not in message:
            return []
        messages = []
        while not messages or messages[-1].get("id") != message["id"]:
            messages.append(self.lines.get(timeout=WAIT))
        return messages

    def close(self):
        self.process.stdin.close()
        assert self.process.wait(WAIT) == 0
        rest = []
        while (line := self.lines.get(timeout=WAIT)) is not None:
            rest.append(line)
        return rest


class Http:
    name = "http"

    def __init__(self):
        self.connection = None
        self.session = None
        self.version = None

    def exchange(self, message, version=None):
        headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
        if self.session:
            headers["Mcp-Session-Id"] = self.session
        if version or self.version:
            headers["MCP-Protocol-Version"] = version or self.version
        if version:
            headers["Mcp-Method"] = message["method"]
            name = message["params"].get("name", message["params"].get("uri"))
            if name:
                headers["Mcp-Name"] = name
        connection = http.client.HTTPConnection(URL.hostname, URL.port, timeout=WAIT)
        connection.request("POST", URL.path, json.dumps(message), headers)
        response = connection.getresponse()
        self.session = response.getheader("Mcp-Session-Id") or self.session
        self.status = response.status
        body = response.read()
        connection.close()
        if response.status == 202:
            assert body == b"", body
            return []
        if response.getheader("Content-Type") == "text/event-stream":
            events = body.decode().replace("\r\n", "\n").split("\n\n")
            return [json.loads(event.split("data: ", 1)[1]) for event in events if "data: " in event]
        assert response.getheader("Content-Type") == "application/json", response.getheaders()
        return [json.loads(body)]

    def close(self):
        if self.session:
            connection = http.client.HTTPConnection(URL.hostname, URL.port, timeout=WAIT)
            connection.request("DELETE", URL.path, headers={"Mcp-Session-Id": self.session})
            assert connection.getresponse().status == 204
        return []


def check(messages, request, version):
    """Validates all messages of an exchange; returns the last."""
    *before, last = messages
    for message in before:
        jsonrpc.jsonrpc_message_adapter.validate_python(message)
        assert "id" not in message, message
        methods.parse_server_notification(message["method"], version, message["params"])
    parsed = jsonrpc.jsonrpc_message_adapter.validate_python(last)
    assert parsed.id == request["id"] and type(parsed.id) is type(request["id"]), (request, last)
    return last


def ask(transport, version, method, params, number, is_modern):
    params = None if params is None else dict(params)
    if is_modern:
        params = params or {}
        params["_meta"] = dict(
            params.get("_meta", {}),
            **{
                "io.modelcontextprotocol/protocolVersion": version,
                "io.modelcontextprotocol/clientInfo": CLIENT,
                "io.modelcontextprotocol/clientCapabilities": {},
            },
        )
    request = {"jsonrpc": "2.0", "id": number, "method": method}
    if params is not None:
        request["params"] = params
    messages = transport.exchange(request, **({"version": version} if is_modern else {}))
    return messages, check(messages, request, version)


def run(transport, version):
    is_modern = version == LATEST_MODERN_VERSION
    if not is_modern:
        params = {"protocolVersion": version, "capabilities": {}, "clientInfo": CLIENT}
        _, answer = ask(transport, version, "initialize", params, "first", False)
        result = methods.parse_server_result("initialize", version, answer["result"])
        assert result.protocol_version == version, result
        assert result.server_info.name == "gopm"
        transport.version = version
        assert transport.exchange({"jsonrpc": "2.0", "method": "notifications/initialized"}) == []
        # What is no request gets no answer, whatever it is.
        assert transport.exchange({"jsonrpc": "2.0", "method": "notifications/no/such"}) == []
        _, answer = ask(transport, version, "initialize", params, "second", False)
        assert answer["error"]["code"] == -32600
    number = 0
    for method, params in REQUESTS:
        number += 1
        messages, answer = ask(transport, version, method, params, number, is_modern)
        if (method, version) not in methods.CLIENT_REQUESTS:
            assert answer["error"]["code"] == -32601, (method, answer)
            continue
        result = answer["result"]
        methods.parse_server_result(method, version, result)
        look_closer(version, method, result)
        if params and "progressToken" in params.get("_meta", {}):
            assert messages[0]["method"] == "notifications/progress", messages
            assert messages[0]["params"]["progressToken"] == "p"
    for method, params, code in ERRORS:
        number += 1
        _, answer = ask(transport, version, method, params, f"e{number}", is_modern)
        expected = code or (-32602 if is_modern else -32002)
        assert answer["error"]["code"] == expected, (method, answer)
        if transport.name == "http" and is_modern:
            assert transport.status == (404 if expected == -32601 else 400), (method, transport.status)
    batches(transport, version, is_modern)
    for message in transport.close():
        jsonrpc.jsonrpc_message_adapter.validate_python(message)
    print("ok", transport.name, version)


def look_closer(version, method, result):
    """What a model cannot know: which fields belong to which revision."""
    since = {"titles": "2025-06-18", "annotations": "2025-03-26"}
    if method == "tools/list":
        for tool in result["tools"]:
            assert ("title" in tool) == ("outputSchema" in tool) == (version >= since["titles"]), tool
            assert ("annotations" in tool) == (version >= since["annotations"]), tool
    if method == "tools/call" and not result["isError"]:
        assert ("structuredContent" in result) == (version >= since["titles"]), result
    is_modern = version == LATEST_MODERN_VERSION
    assert ("resultType" in result) == is_modern, result
    cacheable = {"tools/list", "resources/list", "resources/templates/list", "resources/read", "prompts/list", "server/discover"}
    assert ("ttlMs" in result) == ("cacheScope" in result) == (is_modern and method in cacheable), (method, result)
    if is_modern:
        assert result["_meta"]["io.modelcontextprotocol/serverInfo"]["name"] == "gopm"


def batches(transport, version, is_modern):
    if is_modern:
        return
    batch = [
        {"jsonrpc": "2.0", "id": "b1", "method": "ping"},
        {"jsonrpc": "2.0", "method": "notifications/no/such"},
        {"jsonrpc": "2.0", "id": "b2", "method": "tools/call", "params": {"name": "gopm_ping"}},
        {"jsonrpc": "2.0", "id": "b3"},
    ]
    if transport.name == "stdio":
        transport.send(batch)
        (answer,) = [transport.lines.get(timeout=WAIT)]
    else:
        (answer,) = transport.exchange(batch)
    if version != "2025-03-26":
        assert answer["id"] is None and answer["error"]["code"] == -32600, answer
        return
    assert {message["id"] for message in answer} == {"b1", "b2", "b3"}, answer
    for message in answer:
        jsonrpc.jsonrpc_message_adapter.validate_python(message)


for make in (Stdio, Http):
    for version in (*HANDSHAKE_PROTOCOL_VERSIONS, LATEST_MODERN_VERSION):
        run(make(), version)
