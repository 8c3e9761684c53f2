"""A `systemd --user` of the bench's own with the project's units, so that agentd is a service as people have it.

As root, where control groups may be made; tests/support/user_manager.cpp does the same for tests and says why.
"""
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

from subjects import wait_until

ROOT = pathlib.Path(__file__).parents[2]
UNITS = ROOT / "packaging/systemd/user"


def can_run():
    return subprocess.run(["sh", ROOT / "tests/systemd/can_run_systemd"], capture_output=True).returncode == 0


def own_groups():
    """The control group that we are in, in each hierarchy that systemd keeps processes apart with."""
    mine = pathlib.Path("/proc/self/cgroup").read_text().splitlines()
    for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines():
        before, after = line.split(" - ")
        kind, _, options = after.split()[:3]
        begin = "0::" if kind == "cgroup2" else ":name=systemd:" if "name=systemd" in options else None
        for own in mine:
            if begin and begin in own:
                yield pathlib.Path(before.split()[4] + own.split(begin)[1])


class UserManager:
    def __init__(self, folder):
        # Sandboxed units have a /tmp of their own.
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="bench-", dir="/var/lib"))
        for name in ("run", "state", "config"):
            (self.home / name).mkdir(mode=0o700)
        units = self.home / "config/systemd/user"
        units.mkdir(parents=True)
        for unit in UNITS.iterdir():
            text = unit.read_text()
            for program in ("agentd", "agent-proxy"):
                text = text.replace(f"@{program.upper().replace('-', '_')}_PROGRAM@",
                                    str((folder.programs / "bin" / program).resolve()))
            (units / unit.name.removesuffix(".in")).write_text(text)
        run = self.home / "run"
        self.environment = {"PATH": "/usr/bin:/bin", "HOME": str(self.home), "XDG_RUNTIME_DIR": str(run),
                            "XDG_STATE_HOME": str(self.home / "state"), "XDG_CONFIG_HOME": str(self.home / "config"),
                            "AGENTD_LOG": "error", "AGENTD_KEYRING_PREFIX": f"bench:{self.home.name}:",
                            "SYSTEMD_LOG_TARGET": "console", "SYSTEMD_LOG_LEVEL": "warning"}
        pathlib.Path("/run/systemd/system").mkdir(parents=True, exist_ok=True)
        pathlib.Path("/run/systemd/unit-root").mkdir(mode=0o700, exist_ok=True)
        self.groups = [group / self.home.name for group in own_groups()]
        for group in self.groups:
            group.mkdir()
        enter = "for group; do echo $$ > $group/cgroup.procs || exit 9; done\n"
        self.log = open(self.home / "log", "ab")
        self.process = subprocess.Popen(["/bin/sh", "-c", enter + "exec /lib/systemd/systemd --user", "sh", *self.groups],
                                        env=self.environment, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
                                        start_new_session=True)
        wait_until(lambda: self.systemctl("is-system-running") == "running", "systemd --user", 60)
        if not os.path.exists("/run/systemd/inaccessible"):
            subprocess.run(["cp", "-an", run / "systemd/inaccessible", "/run/systemd/"], check=False)
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={run}/bus"
        self.systemctl("start", "dbus.socket")

    def systemctl(self, *words):
        done = subprocess.run(["systemctl", "--user", *words], capture_output=True, text=True, env=self.environment)
        return done.stdout.strip()

    def close(self):
        self.systemctl("exit")
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for group in self.groups:
            for below in sorted([group, *group.rglob("*/")], reverse=True):
                end_group(below)
        self.log.close()
        shutil.rmtree(self.home, ignore_errors=True)


def end_group(group):
    for _ in range(200):
        pids = (group / "cgroup.procs").read_text().split()
        for pid in pids:
            os.kill(int(pid), signal.SIGKILL)
        if not pids:
            break
        time.sleep(0.05)
    group.rmdir()
