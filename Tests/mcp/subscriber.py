"""Stays subscribed to resources and appends the address of each one that is told to have changed to a file.

usage: subscriber.py URL FILE RESOURCE...
"""

import asyncio
import sys

from mcp import Client

URL, FILE, *RESOURCES = sys.argv[1:]


async def main():
    async with Client(URL, mode="auto") as client:
        async with client.listen(resources_list_changed=True, resource_subscriptions=RESOURCES) as subscription:
            with open(FILE, "a", buffering=1) as seen:
                print("subscribed", file=seen)
                async for event in subscription:
                    print(getattr(event, "uri", type(event).__name__), file=seen)


asyncio.run(main())
