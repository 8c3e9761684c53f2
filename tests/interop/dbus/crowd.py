"""A crowd on the bus: 50 subscribers, one program that never reads, 200 calls in flight. usage: crowd.py CONTROLLER TARGET

Every call is answered, every subscriber sees a proxy come, change and go, and nobody waits for the one that does not read.
"""
import asyncio
import os
import socket
import statistics
import sys
import time

from dbus_next import Message, MessageType, Variant
from dbus_next.aio import MessageBus

AGENT, ROOT = "org.agentd.Agent1", "/org/agentd/Agent1"
CLUSTER = Variant("a{sv}", {"address": Variant("s", sys.argv[1])})
ALL = {"cluster": CLUSTER, "scope_id": Variant("s", "global"), "recursive": Variant("b", True)}
SUBSCRIBERS, CALLERS, IN_FLIGHT, UNREAD = 50, 4, 200, 100
DEADLINE = 60


def message(member, signature="", body=(), path=ROOT, interface=AGENT):
    return Message(AGENT, path, interface, member, signature=signature, body=list(body))


async def call(bus, *words, **more):
    reply = await asyncio.wait_for(bus.call(message(*words, **more)), DEADLINE)
    assert reply.message_type == MessageType.METHOD_RETURN, (reply.error_name, reply.body)
    return reply.body


class Subscriber:
    """Follows everything below /org/agentd, as a panel does."""

    def __init__(self):
        self.seen = set()
        self.news = asyncio.Event()

    async def start(self):
        self.bus = await MessageBus().connect()
        self.bus.add_message_handler(self.take)
        rule = f"type='signal',path_namespace='{ROOT}'"
        await self.bus.call(Message("org.freedesktop.DBus", "/", "org.freedesktop.DBus", "AddMatch", signature="s", body=[rule]))
        await call(self.bus, "GetManagedObjects", interface="org.freedesktop.DBus.ObjectManager")

    def take(self, signal):
        if signal.message_type != MessageType.SIGNAL:
            return
        self.seen.add(signal.member)
        if signal.member == "PropertiesChanged":
            self.seen.update(signal.body[1])
        self.news.set()

    async def wait_for(self, what):
        while what not in self.seen:
            await self.news.wait()
            self.news.clear()


def never_reads():
    """Logs in, calls, and never reads a byte: by hand, because every library reads."""
    rude = socket.socket(socket.AF_UNIX)
    rude.connect(os.environ["DBUS_SESSION_BUS_ADDRESS"].removeprefix("unix:path="))
    rude.sendall(b"\0AUTH EXTERNAL " + str(os.getuid()).encode().hex().encode() + b"\r\nBEGIN\r\n")
    calls = [Message("org.freedesktop.DBus", "/", "org.freedesktop.DBus", "Hello")]
    for _ in range(UNREAD):
        calls += [message("ListTargets", "a{sv}", [ALL]), message("ListProxies")]
    for serial, one in enumerate(calls, 1):
        one.serial = serial
        rude.sendall(bytes(one._marshall()))
    return rude


async def main():
    subscribers = [Subscriber() for _ in range(SUBSCRIBERS)]
    for one in subscribers:
        await one.start()
    rude = never_reads()
    # dbus-next fails when a socket is full
    callers = [await MessageBus().connect() for _ in range(CALLERS)]
    polite = await MessageBus().connect()
    await call(polite, "ListProxies")

    many = asyncio.gather(*(call(callers[i % CALLERS], "ListTargets", "a{sv}", [ALL]) for i in range(IN_FLIGHT)))
    waits = []
    while not many.done():
        begin = time.monotonic()
        await call(polite, "ListProxies")
        waits.append(time.monotonic() - begin)
    answers = await many
    assert len(answers) == IN_FLIGHT and all(targets[0] for targets in answers)

    path, properties = await call(polite, "Connect", "sa{sv}", [sys.argv[2], {"cluster": CLUSTER, "name": Variant("s", "crowd")}])
    writer = (await asyncio.open_connection("127.0.0.1", properties["Port"].value))[1]
    everybody = lambda what: asyncio.wait_for(asyncio.gather(*(one.wait_for(what) for one in subscribers)), DEADLINE)
    await everybody("InterfacesAdded")
    await everybody("ConnectionsOpen")
    writer.close()
    await call(polite, "Disconnect", "s", ["crowd"])
    await everybody("InterfacesRemoved")
    await everybody("SessionEnded")
    print(f"{IN_FLIGHT} calls in flight, meanwhile {len(waits)} others of median {statistics.median(waits) * 1000:.1f} ms, "
          f"longest {max(waits) * 1000:.1f} ms; {SUBSCRIBERS} subscribers saw {path} come, change and go")
    rude.close()

asyncio.run(main())
