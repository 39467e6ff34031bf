"""The official client does everything that there is to do, over both transports and in both eras of the protocol.

usage: official_client.py URL GOPM_MCP TESTAPP
"""

import asyncio
import contextlib
import json
import os
import sys
import time

from mcp import Client
from mcp.client.stdio import StdioServerParameters
from mcp.shared.exceptions import MCPError
from mcp_types import PromptReference, ResourceTemplateReference, ServerNotification

URL, PROGRAM, TESTAPP = sys.argv[1:4]

TOOLS = {
    "gopm_ping", "gopm_list", "gopm_start", "gopm_stop", "gopm_restart", "gopm_delete", "gopm_describe",
    "gopm_isrunning", "gopm_logs", "gopm_flush", "gopm_resurrect", "gopm_export", "gopm_import", "gopm_pid",
}
TEMPLATES = {"gopm://process/{name}", "gopm://logs/{name}/stdout", "gopm://logs/{name}/stderr"}


def stdio():
    return StdioServerParameters(command=PROGRAM, args=["--stdio"], env=dict(os.environ))


async def until(what, check, seconds=15):
    end = time.monotonic() + seconds * float(os.environ.get("GOPM_TEST_TIMEOUT", "1"))
    while time.monotonic() < end:
        value = await check()
        if value:
            return value
        await asyncio.sleep(0.05)
    raise AssertionError(f"not in time: {what}")


async def call(client, tool, /, **arguments):
    """Calls a tool that must succeed; the client checks the data against the tool's schema."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, (tool, result)
    assert result.content and result.content[0].text, (tool, result)
    return result


async def refused(client, tool, /, *words, **arguments):
    """Calls a tool that must say what is wrong in its result."""
    result = await client.call_tool(tool, arguments)
    text = result.content[0].text
    assert result.is_error and all(word in text for word in words), (tool, arguments, text)


async def lists(client):
    tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert set(tools) == TOOLS, set(tools) ^ TOOLS
    for tool in tools.values():
        assert tool.title and len(tool.description) > 60, tool
        assert tool.input_schema["additionalProperties"] is False, tool
        assert tool.output_schema["type"] == "object", tool
        assert tool.annotations.read_only_hint is not None and tool.annotations.destructive_hint is not None, tool
    readers = {name for name, tool in tools.items() if tool.annotations.read_only_hint}
    assert readers == {"gopm_ping", "gopm_list", "gopm_describe", "gopm_isrunning", "gopm_logs", "gopm_export", "gopm_pid"}
    templates = (await client.list_resource_templates()).resource_templates
    assert {template.uri_template for template in templates} == TEMPLATES
    prompts = (await client.list_prompts()).prompts
    assert "diagnose_crash" in {prompt.name for prompt in prompts}


async def tools(client, name):
    ping = await call(client, "gopm_ping")
    assert ping.structured_content["pid"] > 0
    folder = os.path.join(os.environ["GOPM_HOME"], name)
    os.makedirs(folder, exist_ok=True)
    started = await call(
        client, "gopm_start", command=TESTAPP, name=name, cwd=folder, args=["--run-forever", "--say", "hello"],
        env={"API_TOKEN": "very secret", "PLAIN": "seen"}, autorestart="on-failure", max_restarts=3, restart_delay="1s",
    )
    assert started.structured_content["env"] == {"API_TOKEN": "<masked>", "PLAIN": "seen"}, started
    pid = started.structured_content["pid"]
    listed = await call(client, "gopm_list")
    mine = [process for process in listed.structured_content["processes"] if process["name"] == name]
    assert mine and mine[0]["pid"] == pid and name in listed.content[0].text
    described = (await call(client, "gopm_describe", target=name)).structured_content
    assert described["restart_policy"]["restart_delay"] == "1s" and described["env"]["API_TOKEN"] == "<masked>"
    assert "very secret" not in json.dumps(described)
    running = (await call(client, "gopm_isrunning", target=name)).structured_content
    assert running["running"] and running["pid"] == pid
    ghost = (await call(client, "gopm_isrunning", target="ghost")).structured_content
    assert not ghost["running"] and ghost["status"] == ""

    async def says_hello():
        logs = await call(client, "gopm_logs", target=name, lines=50)
        return any("hello" in line for line in logs.structured_content["lines"])

    await until("hello", says_hello)
    errors = (await call(client, "gopm_logs", target=name, err=True, grep=r"\[gopm\] started")).structured_content
    assert len(errors["lines"]) == 1 and f"PID {pid}" in errors["lines"][0], errors
    assert (await call(client, "gopm_logs", target=name, since="2000-01-01", grep="nothing like it")).structured_content["lines"] == []
    inspected = (await call(client, "gopm_pid", pid=pid, sections=["identity", "tree", "env", "gopm"])).structured_content
    assert inspected["gopm"]["name"] == name and inspected["env"]["API_TOKEN"] == "<masked>", inspected
    assert set(inspected) == {"identity", "tree", "env", "gopm"}, set(inspected)
    everything = (await call(client, "gopm_pid", pid=pid)).structured_content
    assert {"identity", "resources", "tree", "fds", "sockets", "env", "cgroup", "gopm"} <= set(everything)
    restarted = (await call(client, "gopm_restart", target=name)).structured_content["processes"][0]
    assert restarted["pid"] != pid
    exported = (await call(client, "gopm_export", target=name, full=True)).structured_content["apps"][0]
    assert exported["env"] == {"PLAIN": "seen"} and exported["env_masked"] == ["API_TOKEN"], exported
    again = (await call(client, "gopm_import", apps=[dict(exported, env_masked=[])])).structured_content
    assert not again["started"] and again["skipped"][0]["matches"] == name, again
    assert (await call(client, "gopm_stop", target=name)).structured_content["success"]
    assert not (await call(client, "gopm_isrunning", target=name)).structured_content["running"]
    await call(client, "gopm_flush", target=name)
    assert (await call(client, "gopm_resurrect")).structured_content["processes"] == []
    await call(client, "gopm_delete", target=name)
    await refused(client, "gopm_import", "API_TOKEN was masked", apps=[exported])
    exported["env"]["API_TOKEN"] = "<masked>"
    await refused(client, "gopm_import", "apps[0].env.API_TOKEN", "<masked>", apps=[exported])
    exported["env"]["API_TOKEN"] = "given anew"
    again = (await call(client, "gopm_import", apps=[exported])).structured_content
    assert again["started"][0]["name"] == name and again["started"][0]["env"]["API_TOKEN"] == "<masked>"
    await call(client, "gopm_delete", target=name)


async def wrong_arguments(client):
    await refused(client, "gopm_stop", "target: missing")
    await refused(client, "gopm_stop", "tarket: unknown argument", "allowed: target", target="x", tarket="y")
    await refused(client, "gopm_stop", '"ghost" not found', target="ghost")
    await refused(client, "gopm_logs", "lines: expected a whole number", target="x", lines="many")
    await refused(client, "gopm_logs", "lines: 0 is out of range", target="x", lines=0)
    await refused(client, "gopm_logs", "grep: ", target="x", grep="(")
    await refused(client, "gopm_logs", "since: ", target="x", since="yesterday")
    await refused(client, "gopm_start", "autorestart", "always, on-failure, never", command="sleep", autorestart="maybe")
    await refused(client, "gopm_start", "restart_delay", command="sleep", restart_delay="-5s")
    await refused(client, "gopm_start", "cwd", "absolute", command="sleep", cwd="here")
    await refused(client, "gopm_start", "no-such-program", command="no-such-program")
    await refused(client, "gopm_pid", "no process has the PID", pid=2**22 + 1)
    await refused(client, "gopm_pid", "sections[0]", pid=1, sections=["secrets"])
    await refused(client, "gopm_import", "apps[0].command: missing", apps=[{"name": "x"}])
    await refused(client, "gopm_describe", "reveal: not allowed", target="x", reveal=True)
    try:
        await client.call_tool("gopm_format_disk", {})
        raise AssertionError("an unknown tool was called")
    except MCPError as error:
        assert error.error.code == -32602, error.error


async def resources(client, name):
    await call(client, "gopm_start", command=TESTAPP, name=name, args=["--run-forever", "--say", "resourceful"], env={"PASSWORD": "hidden"})
    listed = {str(resource.uri) for resource in (await client.list_resources()).resources}
    assert {"gopm://processes", "gopm://status", f"gopm://process/{name}", f"gopm://logs/{name}/stderr"} <= listed, listed

    async def read(uri):
        contents = (await client.read_resource(uri)).contents
        assert len(contents) == 1 and str(contents[0].uri) == uri
        return contents[0]

    processes = json.loads((await read("gopm://processes")).text)
    assert [process["env"] for process in processes if process["name"] == name] == [{"PASSWORD": "<masked>"}]
    assert json.loads((await read("gopm://status")).text)["pid"] > 0
    assert json.loads((await read(f"gopm://process/{name}")).text)["name"] == name

    async def is_logged():
        return "resourceful" in (await read(f"gopm://logs/{name}/stdout")).text

    await until("the log resource", is_logged)
    assert "[gopm] started" in (await read(f"gopm://logs/{name}/stderr")).text
    for uri in ["gopm://process/ghost", "gopm://nothing", "file:///etc/passwd", "gopm://logs/../../etc/passwd/stdout"]:
        try:
            await client.read_resource(uri)
            raise AssertionError(f"{uri} was read")
        except MCPError as error:
            assert error.error.code in (-32602, -32002), error.error


async def prompts_and_completion(client, name):
    prompt = await client.get_prompt("diagnose_crash", {"target": name})
    assert name in prompt.messages[0].content.text
    embedded = [message.content.resource for message in prompt.messages[1:]]
    assert {str(resource.uri).split("/")[2] for resource in embedded} == {"process", "logs"}
    await client.get_prompt("review_processes")
    try:
        await client.get_prompt("diagnose_crash", {})
        raise AssertionError("a prompt without its argument")
    except MCPError as error:
        assert error.error.code == -32602, error.error
    completed = await client.complete(PromptReference(name="diagnose_crash"), {"name": "target", "value": name[:3]})
    assert name in completed.completion.values
    completed = await client.complete(
        ResourceTemplateReference(uri="gopm://logs/{name}/stdout"), {"name": "name", "value": name}
    )
    assert completed.completion.values == [name]


async def progress(client, name):
    """A slow stop tells that it goes on."""
    await call(client, "gopm_start", command=TESTAPP, name=name, args=["--ignore-sigterm", "--say", "up"])

    async def is_up():
        return (await call(client, "gopm_logs", target=name)).structured_content["lines"][-1].endswith("up")

    await until("the handler of SIGTERM", is_up)
    reports = []

    async def report(progress, total, message):
        reports.append((progress, message))

    result = await client.call_tool("gopm_delete", {"target": name}, progress_callback=report)
    assert not result.is_error, result
    assert len(reports) >= 2 and reports == sorted(reports) and name in reports[0][1], reports


async def cancellation(client, name):
    """A call that is given up does not hold up the next ones."""
    await call(client, "gopm_start", command=TESTAPP, name=name, args=["--ignore-sigterm", "--say", "up"])
    task = asyncio.create_task(client.call_tool("gopm_stop", {"target": name}))
    await asyncio.sleep(0.2)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    begun = time.monotonic()
    await call(client, "gopm_ping")
    assert time.monotonic() - begun < 2
    await call(client, "gopm_delete", target=name)


async def subscription_of_2026(client, name):
    uris = [f"gopm://process/{name}", "gopm://processes", f"gopm://logs/{name}/stdout"]
    async with client.listen(resources_list_changed=True, resource_subscriptions=uris) as subscription:
        assert subscription.honored.resources_list_changed
        assert subscription.honored.resource_subscriptions == uris[:2], subscription.honored
        await call(client, "gopm_stop", target=name)
        events = set()

        async def collect(wanted):
            async for event in subscription:
                events.add(getattr(event, "uri", type(event).__name__))
                if wanted <= events:
                    return

        await asyncio.wait_for(collect({f"gopm://process/{name}", "gopm://processes"}), 15)
        await call(client, "gopm_delete", target=name)
        await asyncio.wait_for(collect({"ResourcesListChanged"}), 15)


async def subscription_of_2025(client, name, seen):
    await client.subscribe_resource(f"gopm://process/{name}")
    try:
        await client.subscribe_resource(f"gopm://logs/{name}/stdout")
        raise AssertionError("a log was subscribed to")
    except MCPError as error:
        assert error.error.code == -32602
    await call(client, "gopm_stop", target=name)

    async def updated():
        return ("notifications/resources/updated", f"gopm://process/{name}") in seen

    await until("an update", updated)
    await client.unsubscribe_resource(f"gopm://process/{name}")
    await call(client, "gopm_delete", target=name)

    async def list_changed():
        return ("notifications/resources/list_changed", None) in seen

    await until("a change of the list", list_changed)


async def run(transport, mode):
    seen = set()

    async def note(message):
        if isinstance(message, ServerNotification):
            seen.add((message.method, getattr(message.params, "uri", None)))

    server = URL if transport == "http" else stdio()
    async with Client(server, mode=mode, message_handler=note) as client:
        is_2026 = client.protocol_version == "2026-07-28"
        assert is_2026 == (mode == "auto"), client.protocol_version
        assert client.server_info.name == "gopm" and "gopm_list" in client.instructions
        name = f"{transport}-{mode}"
        await lists(client)
        await tools(client, name)
        await wrong_arguments(client)
        await resources(client, name)
        await prompts_and_completion(client, name)
        await (subscription_of_2026(client, name) if is_2026 else subscription_of_2025(client, name, seen))
        await progress(client, name)
        await cancellation(client, name)
    print(f"ok {transport} {mode}")


async def main():
    await asyncio.gather(*(run(transport, mode) for transport in ("http", "stdio") for mode in ("auto", "legacy")))


asyncio.run(main())
