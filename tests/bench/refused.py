#!/usr/bin/env python3
"""refused.py BUILD [ROUNDS [PER_SECOND]]: what another user's refused connections cost the owner of a proxy.

As root. agent-proxy runs as it is; bench-flood becomes another user and opens PER_SECOND (10,000) connections to its
port, each of which is refused. Of the owner's connections, with and without the flood in turns: a new one to its first
byte, and a byte there and back on an open one. `--program AGENT-PROXY` measures another build's.
"""
import argparse
import os
import statistics
import subprocess
import time

from process import cpu_seconds
from subjects import AgentProxy, Folder, Peer

USER = 65534
FIRST, TRIPS = 300, 2000  # of each round


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def numbers(folder, *words):
    out = subprocess.run([folder.programs / "bench/bench-load", *map(str, words)], check=True, capture_output=True,
                         text=True, timeout=300).stdout
    return [float(line.split()[0]) / 1000 for line in out.splitlines()]


class Flood:
    def __init__(self, folder, port, rate):
        self.process = folder.start(folder.programs / "bench/bench-flood", port, rate, USER, stdin=subprocess.PIPE,
                                    stdout=subprocess.PIPE)
        time.sleep(0.5)

    def end(self):
        self.process.stdin.close()
        seconds, opened, ended, let_in = map(float, self.process.stdout.readline().split())
        self.process.wait()
        return opened / seconds, ended, let_in


def main():
    words = argparse.ArgumentParser()
    words.add_argument("build")
    words.add_argument("rounds", nargs="?", type=int, default=5)
    words.add_argument("rate", nargs="?", type=int, default=10_000)
    words.add_argument("--program")
    options = words.parse_args()
    folder = Folder(options.build)
    try:
        subject = AgentProxy(folder, Peer(folder), options.program)
        kinds = {"first": ("first", "127.0.0.1", subject.port, FIRST), "trips": ("trips", subject.port, TRIPS)}
        for command in kinds.values():
            numbers(folder, *command)  # warm
        took = {(kind, flood): [] for kind in kinds for flood in (False, True)}
        rates, cpu, let_in = [], [], 0
        for _ in range(options.rounds):
            for kind, command in kinds.items():
                took[kind, False].append(numbers(folder, *command))
                flood = Flood(folder, subject.port, options.rate)
                start, used = time.monotonic(), cpu_seconds(subject.pids)
                took[kind, True].append(numbers(folder, *command))
                cpu.append((cpu_seconds(subject.pids) - used) / (time.monotonic() - start))
                rate, _, got_in = flood.end()
                rates.append(rate)
                let_in += got_in
        print(f"load {os.getloadavg()[0]:.1f}; refused per second {statistics.median(rates):.0f}, let in {let_in:.0f}; "
              f"agent-proxy meanwhile {statistics.median(cpu):.2f} CPUs")
        for kind, what in (("first", "new connection to first byte"), ("trips", "a byte there and back")):
            for share in (0.5, 0.99):
                pairs = [(percentile(a, share), percentile(b, share))
                         for a, b in zip(took[kind, False], took[kind, True])]
                alone, beside = (statistics.median(side) for side in zip(*pairs))
                ratio = statistics.median(b / a for a, b in pairs)
                print(f"{what}, {share * 100:.0f} %: {alone:.2f} ms alone, {beside:.2f} with the flood, × {ratio:.2f}")
    finally:
        folder.close()


main()
