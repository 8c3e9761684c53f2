"""The Varlink client from PyPI calls and introspects a running agentd: usage call_agentd.py AGENTD AGENTCTL.

Its parser reads our interface description, so the description is checked by somebody else's grammar.
"""
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile

import varlink

agentd, agentctl = sys.argv[1:3]


def check(what, condition):
    if not condition:
        sys.exit(f"failed: {what}")
    print(f"ok: {what}")


with tempfile.TemporaryDirectory(prefix="agentd-v.", dir="/tmp") as folder:
    environment = {
        "PATH": os.path.dirname(agentd) + ":/usr/bin:/bin",
        "HOME": folder,
        "XDG_RUNTIME_DIR": folder,
        "XDG_STATE_HOME": folder,
        "NOTIFY_SOCKET": folder + "/notify",
        "ASAN_OPTIONS": "detect_leaks=0",
    }
    notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    notify.bind(environment["NOTIFY_SOCKET"])
    notify.settimeout(10)
    process = subprocess.Popen([agentd], env=environment)
    try:
        while b"READY=1" not in notify.recv(4096).split(b"\n"):
            pass
        path = folder + "/agentd/agent.sock"
        check("the socket is for its owner only", os.stat(path).st_mode & 0o777 == 0o600)
        check("so is its folder", os.stat(os.path.dirname(path)).st_mode & 0o777 == 0o700)

        with varlink.Client(address=f"unix:{path}") as client:
            service = client.open("org.varlink.service")
            info = service.GetInfo()
            check("GetInfo names the product", "agentd" in info["product"].lower())
            check("GetInfo lists both interfaces", {"org.varlink.service", "org.agentd.Agent"} <= set(info["interfaces"]))

            description = service.GetInterfaceDescription("org.agentd.Agent")["description"]
            check("the description begins with its comment or name", "interface org.agentd.Agent" in description)
            contract = pathlib.Path(__file__).resolve().parents[3] / "ipc" / "org.agentd.Agent.varlink"
            check("the description is the contract, word for word", description.strip() == contract.read_text().strip())

            agent = client.open("org.agentd.Agent")
            status = agent.Status()
            check("Status gives the agent's pid", status["pid"] == process.pid)
            check("Status gives its socket", status["socket"] == path)
            check("Status lists the logins", isinstance(status["logins"], list))
            check("ListProxies is empty", agent.ListProxies()["proxies"] == [])

            try:
                agent.Disconnect("nosuch")
                check("Disconnect of an unknown proxy fails", False)
            except varlink.VarlinkError as error:
                check("an unknown proxy is ProxyNotFound", error.error() == "org.agentd.Agent.ProxyNotFound")
                check("the error says what to do", bool(error.parameters()["hint"]) and "nosuch" in error.parameters()["message"])
            try:
                service.GetInterfaceDescription("org.nosuch")
                check("an unknown interface fails", False)
            except varlink.VarlinkError as error:
                check("an unknown interface is InterfaceNotFound", error.error() == "org.varlink.service.InterfaceNotFound")

        answer = subprocess.run([agentctl, "status", "-format", "json"], env=environment, capture_output=True, text=True)
        check("agentctl reaches the same agent", f'"pid":{process.pid}' in answer.stdout)
    finally:
        process.send_signal(signal.SIGTERM)
        check("SIGTERM ends it in order", process.wait(10) == 0)
