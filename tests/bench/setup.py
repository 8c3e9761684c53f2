"""How long `agentctl connect` takes, with agentd on its own and as a service of systemd, and how long the one request to
the controller in it."""
import contextlib
import http.client
import json
import os
import signal
import statistics
import subprocess
import time

from service import UserManager, can_run
from subjects import accepts_at, free_port, wait_until

ROUNDS = 15
TARGET = "ttcp_1234567890"


class SignedIn:
    """A dev server behind `near`, reached at `far`, and an agentd of its own that is signed in to it."""

    def __init__(self, folder, near, far, manager=None):
        self.programs = folder.programs / "bin"
        self.far, self.port = far, free_port()
        if manager:
            self.environment = dict(manager.environment)
        else:
            home = folder.path / f"home-{far}"
            for name in ("", "run", "state", "config"):
                (home / name).mkdir(mode=0o700)
            self.environment = {"HOME": str(home), "XDG_RUNTIME_DIR": str(home / "run"),
                                "XDG_STATE_HOME": str(home / "state"), "XDG_CONFIG_HOME": str(home / "config"),
                                "AGENTD_LOG": "error", "AGENTD_KEYRING_PREFIX": f"bench:{folder.path.name}:"}
        self.environment |= {"PATH": f"{self.programs}:/usr/bin:/bin", "PW": "password",
                             "BOUNDARY_ADDR": f"http://{far}:{self.port}"}
        folder.start(self.programs / "agent-dev-server", "-api-listen-address", f"{near}:{self.port}",
                     "-proxy-listen-address", f"127.0.0.1:{free_port()}")
        wait_until(lambda: accepts_at(far, self.port), "the dev server")
        self.agentctl("authenticate", "password", "-auth-method-id", "ampw_1234567890", "-login-name", "admin",
                      "-password", "env://PW")

    def agentctl(self, *words):
        done = subprocess.run([self.programs / "agentctl", *words], capture_output=True, env=self.environment)
        if done.returncode != 0:
            raise SystemExit(f"agentctl {' '.join(words)}: {done.stderr.decode().strip()}")
        return done.stdout

    def timed(self, *words):
        start = time.monotonic()
        self.agentctl(*words)
        return (time.monotonic() - start) * 1000

    def close(self):
        agent = json.loads(self.agentctl("status", "-format", "json"))["pid"]
        for proxy in json.loads(self.agentctl("list", "-format", "json"))["items"] or []:
            self.agentctl("disconnect", proxy["name"])
        self.agentctl("logout")
        os.kill(agent, signal.SIGTERM)


class Caller:
    """authorize-session over one kept-alive connection, and nothing else."""

    def __init__(self, world):
        self.connection = http.client.HTTPConnection(world.far, world.port)
        body = {"attributes": {"login_name": "admin", "password": "password"}, "command": "login"}
        self.headers = {"Content-Type": "application/json"}
        token = self.post("/v1/auth-methods/ampw_1234567890:authenticate", body)["attributes"]["token"]
        self.headers["Authorization"] = f"Bearer {token}"

    def post(self, path, body):
        # http.client sends head and body apart; together they are one flight, as a client of ours
        # sends them.
        text = json.dumps(body)
        head = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        if self.connection.sock is None:
            self.connection.connect()
        self.connection.sock.sendall(f"POST {path} HTTP/1.1\r\nHost: bench\r\n{head}"
                                     f"Content-Length: {len(text)}\r\n\r\n{text}".encode())
        response = http.client.HTTPResponse(self.connection.sock, method="POST")
        response.begin()
        answer = json.loads(response.read())
        if response.status != 200:
            raise SystemExit(f"POST {path}: {answer}")
        return answer

    def timed(self):
        start = time.monotonic()
        self.post(f"/v1/targets/{TARGET}:authorize-session", {})
        return (time.monotonic() - start) * 1000


def measure(folder, near, far, name):
    """One row: medians in ms. agentd on its own and as a service take turns."""
    alone, whole, served, status = [], [], [], []
    connect = ("connect", "-detach", "-target-id", TARGET)
    with contextlib.ExitStack() as ends:
        world = ends.enter_context(contextlib.closing(SignedIn(folder, near, far)))
        service = None
        if can_run():
            manager = ends.enter_context(contextlib.closing(UserManager(folder)))
            service = ends.enter_context(contextlib.closing(SignedIn(folder, near, far, manager)))
        caller = Caller(world)
        for _ in range(ROUNDS):
            alone.append(caller.timed())
            whole.append(world.timed(*connect))
            if service:
                served.append(service.timed(*connect))
            status.append(world.timed("status"))
    alone, whole, status = map(statistics.median, (alone, whole, status))
    as_service = f"{statistics.median(served):.1f}" if served else "–"
    return [[name, f"{alone:.1f}", f"{whole:.1f}", f"{whole - alone:.1f}", as_service, f"{status:.1f}"]]
