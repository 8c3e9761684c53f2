"""Makes what would repeat the interface files. Usage:
generate.py OUT SOURCE: all that the build needs, to OUT/ipc/…; prints the verbs of each interface.
generate.py --typescript OUT.ts SOURCE: what the console reads.

A file whose content stays the same is not touched, so nothing that includes it is compiled again.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import bus
import cpp
import typescript
from interface import Mistake, read_interface, snake

AGENT = "org.agentd.Agent.varlink"
PROXY = "org.agentd.Proxy.varlink"


class Wrong(Exception):
    """A mistake with its file."""


def read(source, name):
    try:
        return read_interface((source / name).read_text())
    except Mistake as mistake:
        raise Wrong(f"ipc/{name}:{mistake.line}: {mistake}") from None


def shape(members):
    return [(one.name, one.kind, one.secret) for one in members]


def check_together(agent, proxy):
    """Both become one set of structs, and Varlink has no includes: what both have is the same."""
    for name, one in proxy.types.items():
        other = agent.types.get(name)
        if other is None:
            continue
        for mine, theirs in zip(shape(one.members) + [None], shape(other.members) + [None]):
            if mine != theirs:
                which = (mine or theirs)[0]
                raise Wrong(
                    f"ipc/{PROXY}:{one.line}: type {name} is not that of {AGENT}: look at {which}"
                )
    for name, method in proxy.methods.items():
        if name in agent.methods or name in agent.types:
            raise Wrong(f"ipc/{PROXY}:{method.line}: {AGENT} has a {name} already")
    for name, method in agent.methods.items():
        if name in proxy.types:
            raise Wrong(f"ipc/{AGENT}:{method.line}: {PROXY} has a {name} already")


def build_files(source):
    """File name → text."""
    agent, proxy = read(source, AGENT), read(source, PROXY)
    check_together(agent, proxy)
    files = {
        "messages/types.hpp": cpp.types_header({**proxy.types, **agent.types}, "the .varlink files")
    }
    for interface, name in ((agent, AGENT), (proxy, PROXY)):
        for method in interface.methods.values():
            files[f"messages/{snake(method.name)}.hpp"] = cpp.verb_header(
                interface.name, method, f"ipc/{name}"
            )
        short = snake(cpp.list_name(interface))
        files[f"messages/{short}_commands.hpp"] = cpp.list_header(interface, f"ipc/{name}")
        files[f"messages/{short}_handlers.inc"] = cpp.handlers(interface)
    try:
        files["dbus/property_tables.inc"] = bus.property_tables(agent)
        files["dbus/plain_methods.inc"] = bus.plain_methods(agent)
        contract = (source / "dbus/org.agentd.Agent1.xml.in").read_text()
        files["dbus/org.agentd.Agent1.xml"] = bus.contract(agent, contract)
    except Mistake as mistake:
        raise Wrong(f"ipc/{AGENT}:{mistake.line}: {mistake}") from None
    return files, agent, proxy


def write(path, text):
    if path.exists() and path.read_text() == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def main(words):
    if words[0] == "--typescript":
        write(pathlib.Path(words[1]), typescript.module(read(pathlib.Path(words[2]), AGENT)))
        return
    out, source = pathlib.Path(words[0]) / "ipc", pathlib.Path(words[1])
    files, agent, proxy = build_files(source)
    for name, text in files.items():
        write(out / name, text)
    for folder in ("messages", "dbus"):  # a verb that has gone
        for old in (out / folder).iterdir():
            if f"{folder}/{old.name}" not in files:
                old.unlink()
    for interface in (agent, proxy):
        print(";".join(snake(name) for name in interface.methods))


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Wrong as wrong:
        sys.exit(str(wrong))
