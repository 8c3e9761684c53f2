"""Memory and wake-ups: an idle agent-proxy, and idle connections by the hundred and ten thousand."""
import subprocess
import time

from process import private_kib, pss_kib, wakeups
from subjects import AgentProxy

IDLE_SECONDS = 30


def settle(pids, deadline=20):
    """Until nothing is woken for a second: handshakes, farewells and timers are over."""
    end = time.monotonic() + deadline
    while time.monotonic() < end:
        before = sum(map(wakeups, pids))
        time.sleep(1)
        if sum(map(wakeups, pids)) == before:
            return


def measure(folder, peer, count, proxies, idle_seconds=0, **serve):
    """`count` connections over `proxies` new agent-proxies (`serve`: what else they are told); a dict of figures."""
    subjects = [AgentProxy(folder, peer, **serve) for _ in range(proxies)]
    pids = [subject.process.pid for subject in subjects]
    settle(pids)
    empty, empty_private = sum(map(pss_kib, pids)), sum(map(private_kib, pids))
    load = folder.start(folder.programs / "bench/bench-load", "idle", count, *(s.port for s in subjects),
                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    served, refused, seconds = load.stdout.readline().split()
    settle(pids)
    full = sum(map(pss_kib, pids))
    woken = sum(map(wakeups, pids))
    time.sleep(idle_seconds)
    woken = sum(map(wakeups, pids)) - woken
    load.stdin.close()
    load.wait()
    settle(pids)
    after = sum(map(pss_kib, pids))
    for subject in subjects:
        subject.stop()
    return {"connections": count, "proxies": proxies, "served": int(served), "refused": int(refused),
            "rate": int(served) / float(seconds), "empty": empty / proxies, "empty_private": empty_private / proxies,
            "each": (full - empty) / count, "woken": woken, "after": after / proxies}
