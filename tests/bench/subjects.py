"""What tests/bench measures: each subject is a process between a local port and bench-peer.

Started in a private folder on free ports, ended by its own pid. `pids` are the processes whose CPU and memory count.
"""
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(predicate, what, deadline=20):
    end = time.monotonic() + deadline
    while not predicate():
        if time.monotonic() > end:
            raise SystemExit(f"{what}: not within {deadline} s")
        time.sleep(0.01)


def accepts(port):
    return accepts_at("127.0.0.1", port)


def accepts_at(host, port):
    try:
        socket.create_connection((host, port), 1).close()
        return True
    except OSError:
        return False


def answers(path):
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
            return True
        except OSError:
            return False


class Folder:
    """A private folder, and every process started in it."""

    def __init__(self, programs):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="bench-"))
        self.programs = pathlib.Path(programs)
        self.children = []

    def start(self, *command, **options):
        log = open(self.path / f"{pathlib.Path(command[0]).name}.log", "ab")
        options.setdefault("stdin", subprocess.DEVNULL)
        options.setdefault("stdout", log)
        environment = dict(os.environ, XDG_RUNTIME_DIR=str(self.path), AGENTD_LOG="error")
        child = subprocess.Popen([str(word) for word in command], stderr=log, env=environment, **options)
        self.children.append(child)
        return child

    def close(self):
        for child in self.children:
            if child.poll() is None:
                child.kill()
            child.wait()
        shutil.rmtree(self.path, ignore_errors=True)


class Peer:
    """bench-peer, the far end of all."""

    def __init__(self, folder, *words):
        self.process = folder.start(folder.programs / "bench/bench-peer", *words, stdout=subprocess.PIPE)
        told = json.loads(self.process.stdout.readline())
        self.plain, self.tls, self.worker, self.token = (told[k] for k in ("plain", "tls", "worker", "token"))


class DelayLink:
    """A link of its own round trip time; `far` is None where it may not be made."""

    def __init__(self, folder, milliseconds, number, *trace):
        self.process = folder.start(folder.programs / "bench/bench-delay-link", milliseconds, number, *trace,
                                    stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        told = self.process.stdout.readline().decode().split()
        self.near, self.far = told if len(told) == 2 else (None, None)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class AgentProxy:
    """Our own: one agent-proxy, handed a session over its control socket as agentd does it."""

    name = "agent-proxy"
    counter = 0

    def __init__(self, folder, peer, program=None, **serve):
        AgentProxy.counter += 1
        name = f"bench-{AgentProxy.counter}"
        for folder_name in ("agentd", "agentd/proxies", "agentd/connect"):
            (folder.path / folder_name).mkdir(exist_ok=True, mode=0o700)
        self.process = folder.start(program or folder.programs / "bin/agent-proxy", "--id", name)
        self.pids = [self.process.pid]
        control = folder.path / "agentd/proxies" / f"{name}.sock"
        wait_until(lambda: answers(control), "agent-proxy's control socket")
        request = {"method": "org.agentd.Proxy.Serve",
                   "parameters": {"name": name, "authorization_token": peer.token, "listen_address": "127.0.0.1",
                                  "listen_port": 0, "inactive_timeout_ms": 0, "cluster": "bench",
                                  "cluster_settings": {}, "token_name": "", "authorized_here": False, **serve}}
        with socket.socket(socket.AF_UNIX) as caller:
            caller.connect(str(control))
            caller.sendall(json.dumps(request).encode() + b"\0")
            answer = b""
            while not answer.endswith(b"\0"):
                piece = caller.recv(65536)
                if not piece:
                    raise SystemExit("agent-proxy closed its control socket")
                answer += piece
        reply = json.loads(answer[:-1])
        if "error" in reply:
            raise SystemExit(f"agent-proxy: {reply}")
        self.port = reply["parameters"]["proxy"]["port"]

    def stop(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


class HAProxy:
    """TCP to TLS 1.3, one thread, everything else as it comes."""

    name = "HAProxy"

    def __init__(self, folder, peer):
        self.port = free_port()
        config = folder.path / "haproxy.cfg"
        config.write_text(f"""global
  nbthread 1
  maxconn 5000
defaults
  mode tcp
  timeout connect 10s
  timeout client 1h
  timeout server 1h
listen bench
  bind 127.0.0.1:{self.port}
  server peer 127.0.0.1:{peer.tls} ssl verify none ssl-min-ver TLSv1.3
""")
        self.process = folder.start("haproxy", "-db", "-f", config)
        self.pids = [self.process.pid]
        wait_until(lambda: accepts(self.port), "haproxy")


class Ssh:
    """ssh -L through an sshd of its own; only the client's side counts, as with the others."""

    name = "ssh -L"

    def __init__(self, folder, peer):
        here = folder.path
        for key in ("host", "user"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", here / key], check=True)
        shutil.copy(here / "user.pub", here / "authorized")
        os.makedirs("/run/sshd", exist_ok=True)
        server, self.port = free_port(), free_port()
        (here / "sshd.cfg").write_text(f"Port {server}\nListenAddress 127.0.0.1\nHostKey {here}/host\nPidFile none\n"
                                       f"AuthorizedKeysFile {here}/authorized\nStrictModes no\nUsePAM no\n")
        folder.start(shutil.which("sshd") or "/usr/sbin/sshd", "-D", "-f", here / "sshd.cfg")
        wait_until(lambda: accepts(server), "sshd")
        self.process = folder.start(
            "ssh", "-F", "none", "-N", "-i", here / "user", "-o", "StrictHostKeyChecking=no", "-o",
            f"UserKnownHostsFile={here}/known", "-p", server, "-L", f"127.0.0.1:{self.port}:127.0.0.1:{peer.plain}",
            "127.0.0.1")
        self.pids = [self.process.pid]
        wait_until(lambda: accepts(self.port), "ssh")


class Reference:
    """The reference client, `boundary connect`, on the same worker's door."""

    name = "boundary connect"

    def __init__(self, folder, peer, program):
        self.port = free_port()
        self.process = folder.start(program, "connect", "-listen-port", self.port, "-authz-token", peer.token)
        self.pids = [self.process.pid]
        wait_until(lambda: accepts(self.port), "boundary connect")
