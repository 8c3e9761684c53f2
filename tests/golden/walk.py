"""The recorded walk: runs agentctl's commands against a dev server and compares exit codes and shapes with expected/.

    walk.py compare AGENTCTL DEV_SERVER PATH     what ctest runs; prints every difference
    walk.py record  AGENTCTL DEV_SERVER PATH     writes expected/ anew: look at the diff before you commit it

A shape is the exit code and, for each stream, the labels with their indentation, or the keys and types of the JSON. Ids,
times, ports and tokens do not count. PATH is where agentctl finds agentd.
"""
import contextlib
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

EXPECTED = pathlib.Path(__file__).resolve().parent / "expected"
LOGIN = "authenticate password -auth-method-id ampw_1234567890"
ADMIN = "-token env://ADMIN"
# name → command; {session} is a pending session, {canceled} one that is canceled, {active} one in
# use
COMMANDS = {
    "authenticate": f"{LOGIN} -login-name admin -password env://PW -keyring-type none",
    "authenticate-json": f"{LOGIN} -login-name admin -password env://PW -format json",
    "authenticate-primary": "authenticate -login-name admin -password env://PW -keyring-type none",
    "authenticate-wrong": f"{LOGIN} -login-name admin -password env://BAD -keyring-type none",
    "authenticate-wrong-json": f"{LOGIN} -login-name admin -password env://BAD -format json",
    "scopes-list": f"scopes list {ADMIN}",
    "scopes-list-json": f"scopes list -recursive -format json {ADMIN}",
    "auth-methods-list": f"auth-methods list {ADMIN}",
    "targets-list": f"targets list -scope-id p_1234567890 {ADMIN}",
    "targets-list-json": f"targets list -recursive -format json {ADMIN}",
    "targets-list-no-scope": f"targets list {ADMIN}",
    "targets-read": f"targets read -id ttcp_1234567890 {ADMIN}",
    "targets-read-json": f"targets read -id ttcp_0987654321 -format json {ADMIN}",
    "targets-read-missing": f"targets read -id ttcp_nosuchtarg {ADMIN}",
    "targets-read-missing-json": f"targets read -id ttcp_nosuchtarg -format json {ADMIN}",
    "targets-authorize": f"targets authorize-session -id ttcp_1234567890 {ADMIN}",
    "targets-authorize-json": f"targets authorize-session -id ttcp_0987654321 -format json {ADMIN}",
    "targets-authorize-host": f"targets authorize-session -id ttcp_0987654321 -host-id hst_1234567890 {ADMIN}",
    "targets-authorize-alias": f"targets authorize-session ssh.boundary.dev -format json {ADMIN}",
    "targets-authorize-nothing": f"targets authorize-session {ADMIN}",
    "targets-authorize-bad-token": "targets authorize-session -id ttcp_1234567890 -token env://GARBLED",
    "sessions-list": f"sessions list -scope-id p_1234567890 {ADMIN}",
    "sessions-list-empty": "sessions list -scope-id p_1234567890 -token env://USER_TOKEN",
    "sessions-list-empty-json": "sessions list -scope-id p_1234567890 -format json -token env://USER_TOKEN",
    "sessions-list-json": f"sessions list -recursive -include-terminated -format json {ADMIN}",
    "sessions-read": f"sessions read -id {{session}} {ADMIN}",
    "sessions-read-json": f"sessions read -id {{session}} -format json {ADMIN}",
    "sessions-cancel-json": f"sessions cancel -id {{canceled}} -format json {ADMIN}",
    "sessions-read-missing": f"sessions read -id s_nosuchsess {ADMIN}",
    "sessions-cancel-missing-json": f"sessions cancel -id s_nosuchsess -format json {ADMIN}",
    "sessions-list-bad-scope": f"sessions list -scope-id p_nosuchscop {ADMIN}",
    "sessions-unknown-flag": f"sessions list -nosuch {ADMIN}",
    "sessions-list-refused": f"sessions list -scope-id p_1234567890 -addr http://127.0.0.1:1 {ADMIN}",
    "auth-tokens-list": f"auth-tokens list {ADMIN}",
    "auth-tokens-read": f"auth-tokens read -id self {ADMIN}",
    "unknown-command": "nosuchcommand",
    "group-without-command": "groups",
    "bad-format": f"targets list -format yaml {ADMIN}",
    "missing-container": f"hosts list {ADMIN}",
    "missing-container-json": f"hosts list -format json {ADMIN}",
    "missing-id-json": f"targets read -format json {ADMIN}",
    "users-create": f"users create -name walker {ADMIN}",
    "users-read": f"users read -id u_1234567890 {ADMIN}",
    "users-list": f"users list {ADMIN}",
    "groups-create-json": f"groups create -name walkers -format json {ADMIN}",
    "roles-create": f"roles create -name walk {ADMIN}",
    "roles-list": f"roles list {ADMIN}",
    "scopes-create": f"scopes create -name walk-org {ADMIN}",
    "scopes-create-again": f"scopes create -name walk-org {ADMIN}",
    "scopes-read": f"scopes read -id p_1234567890 {ADMIN}",
    "scopes-list-keys": f"scopes list-keys -scope-id o_1234567890 {ADMIN}",
    "targets-create-no-port": f"targets create tcp -scope-id p_1234567890 -name x {ADMIN}",
    "targets-update": f"targets update tcp -id ttcp_1234567890 -description x {ADMIN}",
    "targets-update-bad-version": f"update ttcp_1234567890 -description x -version 77 {ADMIN}",
    "workers-list": f"workers list {ADMIN}",
    "workers-authority": f"workers certificate-authority read {ADMIN}",
    "auth-methods-read": f"auth-methods read -id ampw_1234567890 {ADMIN}",
    "policies-list": f"policies list {ADMIN}",
    "logout": "logout -token env://USER_TOKEN -keyring-type none",
    "connect-bad-token": "connect -authz-token notbase58_0OIl",
}
# The same while a foreground proxy carries a connection of session {active}; the last ones end it.
COMMANDS_WHILE_ACTIVE = {
    "sessions-read-active": f"sessions read -id {{active}} {ADMIN}",
    "sessions-read-active-json": f"sessions read -id {{active}} -format json {ADMIN}",
    "sessions-cancel-active": f"sessions cancel -id {{active}} {ADMIN}",
}
COMMANDS_AFTER_CANCEL = {
    "sessions-read-canceled": f"sessions read -id {{active}} {ADMIN}",
    "sessions-read-canceled-json": f"sessions read -id {{active}} -format json {ADMIN}",
}


def json_shape(value):
    if isinstance(value, dict):
        return {key: json_shape(member) for key, member in sorted(value.items())}
    if isinstance(value, list):
        shapes = sorted({json.dumps(json_shape(element)) for element in value})
        return [json.loads(shape) for shape in shapes]
    return type(value).__name__


def text_shape(text):
    """Labels as "indent label column-of-the-value" in order of first appearance; a text without labels is kept itself."""
    lines = []
    for line in text.splitlines():
        match = re.match(r"( *)([A-Za-z][A-Za-z /-]*):( +(?=\S)|$)", line)
        if match:
            column = len(match[0]) if match[3] else 0
            shape = f"{len(match[1])} {match[2]} {column}"
            if shape not in lines:
                lines.append(shape)
    return lines or [re.sub(r"\b(at|s|u)_\w{10,}|http://127\.0\.0\.1:\d+", "ID", line) for line in text.splitlines() if line]


def stream_shape(text):
    if text.startswith("{"):
        return [json_shape(json.loads(line)) for line in text.splitlines()]
    return text_shape(text)


def until(what, holds):
    deadline = time.monotonic() + 30
    while not holds():
        if time.monotonic() > deadline:
            raise SystemExit(f"not within 30 seconds: {what}")


class World:
    """A dev server and an agent in a temporary folder."""

    def __init__(self, agentctl, server, path, folder):
        self.agentctl = agentctl
        self.environment = {
            "PATH": path + ":/usr/bin:/bin", "HOME": folder, "XDG_RUNTIME_DIR": folder, "XDG_STATE_HOME": folder,
            "TZ": "UTC", "PW": "password", "BAD": "wrong", "GARBLED": "at_1234567890_s1abc", "ASAN_OPTIONS": "detect_leaks=0",
        }
        self.target = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self.accept, daemon=True).start()
        self.server = subprocess.Popen(
            [server, "-api-listen-address", "127.0.0.1:0", "-proxy-listen-address", "127.0.0.1:0",
             "-target-default-port", str(self.target.getsockname()[1])],
            env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for line in self.server.stdout:
            match = re.search(r'addr: "(127\.0\.0\.1:\d+)".*purpose: "api"', line)
            if match:
                self.environment["BOUNDARY_ADDR"] = "http://" + match[1]
                break
        else:
            raise SystemExit("the dev server printed no api listener")
        for variable, name in (("ADMIN", "admin"), ("USER_TOKEN", "user")):
            answer = self.json(f"{LOGIN} -login-name {name} -password env://PW")
            self.environment[variable] = answer["item"]["attributes"]["token"]
        self.session = self.authorize()
        self.canceled = self.authorize()

    def accept(self):
        """A target that says nothing: byte counts are reported now and then, and a zero is left out of the JSON."""
        kept = []
        while True:
            kept.append(self.target.accept()[0])

    def words(self, command):
        return [self.agentctl, *command.format(**{name: getattr(self, name, "") for name in ("session", "canceled", "active")}).split()]

    def run(self, command):
        return subprocess.run(self.words(command), env=self.environment, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=30)

    def start(self, command):
        return subprocess.Popen(self.words(command), env=self.environment, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def walk(self):
        """Name, command and what came of it, one after the other."""
        for name, command in COMMANDS.items():
            yield name, command, self.run(command)

        command = f"connect -target-id ttcp_1234567890 -listen-port 0 -name golden {ADMIN}"
        foreground = self.start(command)
        until("the proxy listens", lambda: foreground.poll() is not None or self.named("golden"))
        proxy = self.named("golden")
        self.active = proxy["session_id"]
        with socket.create_connection(("127.0.0.1", proxy["port"]), 10) as connection:
            until("the session shows its connection", lambda: self.carries(self.active))
            for name, command_now in COMMANDS_WHILE_ACTIVE.items():
                yield name, command_now, self.run(command_now)
            connection.settimeout(30)
            with contextlib.suppress(ConnectionResetError):
                while connection.recv(4096):  # until the worker cuts it
                    pass
        yield "connect-canceled", command, self.finish(foreground)
        until("the session is terminated",
              lambda: self.json(f"sessions read -id {self.active} {ADMIN}")["item"]["status"] == "terminated")
        for name, command_now in COMMANDS_AFTER_CANCEL.items():
            yield name, command_now, self.run(command_now)

        command = f"connect -target-id ttcp_1234567890 -format json -name golden-json {ADMIN}"
        foreground = self.start(command)
        first = foreground.stdout.readline()
        foreground.send_signal(signal.SIGINT)
        yield "connect-interrupted-json", command, self.finish(foreground, first)

    def carries(self, session):
        connections = self.json(f"sessions read -id {session} {ADMIN}")["item"].get("connections") or [{}]
        return "endpoint_tcp_port" in connections[0]

    def named(self, name):
        return next((one for one in self.json("list")["items"] or [] if one["name"] == name), None)

    def finish(self, process, read_already=""):
        out, err = process.communicate(timeout=30)
        return subprocess.CompletedProcess(process.args, process.returncode, read_already + out, err)

    def json(self, command):
        ended = self.run(command + " -format json")
        if ended.returncode:
            raise SystemExit(f"{command}: {ended.stderr}")
        return json.loads(ended.stdout)

    def authorize(self):
        return self.json(f"targets authorize-session -id ttcp_1234567890 {ADMIN}")["item"]["session_id"]

    def close(self):
        status = subprocess.run([self.agentctl, "status", "-format", "json"], env=self.environment, capture_output=True, text=True)
        if status.returncode == 0:
            os.kill(json.loads(status.stdout)["pid"], signal.SIGTERM)
        self.server.terminate()
        self.server.wait(10)


def main(mode, agentctl, server, path):
    count = different = 0
    with tempfile.TemporaryDirectory(prefix="agentd-g.", dir="/tmp") as folder:
        world = World(agentctl, server, path, folder)
        try:
            for name, command, ended in world.walk():
                count += 1
                shape = {"command": command, "exit": ended.returncode, "stdout": stream_shape(ended.stdout),
                         "stderr": stream_shape(ended.stderr)}
                file = EXPECTED / (name + ".json")
                if mode == "record":
                    EXPECTED.mkdir(exist_ok=True)
                    file.write_text(json.dumps(shape, indent=1) + "\n")
                elif json.loads(file.read_text()) != shape:
                    different += 1
                    print(f"{name}: expected {file.read_text()}\ngot {json.dumps(shape, indent=1)}")
        finally:
            world.close()
    print(f"{count - different} of {count} commands have the expected shape")
    return 1 if different else 0


if __name__ == "__main__":
    if len(sys.argv) != 5 or sys.argv[1] not in ("record", "compare"):
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
