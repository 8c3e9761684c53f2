#!/usr/bin/env python3
"""Lists the agent's proxies and follows their changes over D-Bus. Needs dbus-next (Debian: python3-dbus-next)."""
import asyncio

from dbus_next import Message, MessageType
from dbus_next.aio import MessageBus

AGENT, PATH, PROXY = "org.agentd.Agent1", "/org/agentd/Agent1", "org.agentd.Agent1.Proxy"


async def call(bus, destination, path, interface, member, signature="", body=()):
    reply = await bus.call(Message(destination, path, interface, member, signature=signature, body=list(body)))
    if reply.message_type == MessageType.ERROR:
        raise SystemExit(f"{reply.error_name}: {reply.body[0]}")
    return reply.body


def show(message):
    if message.message_type != MessageType.SIGNAL or not message.path.startswith(PATH):
        return
    if message.member == "InterfacesAdded" and PROXY in message.body[1]:
        print("new ", message.body[1][PROXY]["Name"].value, flush=True)
    elif message.member == "InterfacesRemoved" and PROXY in message.body[1]:
        print("gone", message.body[0].rsplit("/", 1)[1], flush=True)
    elif message.member == "PropertiesChanged" and message.body[0] == PROXY:
        changed = ", ".join(f"{name}={variant.value}" for name, variant in message.body[1].items())
        print("    ", message.path.rsplit("/", 1)[1], changed, flush=True)


async def main():
    bus = await MessageBus().connect()
    bus.add_message_handler(show)
    for member in ("InterfacesAdded", "InterfacesRemoved", "PropertiesChanged"):
        rule = f"type='signal',sender='{AGENT}',member='{member}'"
        await call(bus, "org.freedesktop.DBus", "/", "org.freedesktop.DBus", "AddMatch", "s", [rule])
    for proxy in (await call(bus, AGENT, PATH, AGENT, "ListProxies"))[0].values():
        print(f"{proxy['Name'].value:20} {proxy['State'].value:10} {proxy['Address'].value}:{proxy['Port'].value}", flush=True)
    await bus.wait_for_disconnect()

asyncio.run(main())
