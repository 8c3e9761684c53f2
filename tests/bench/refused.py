#!/usr/bin/env python3
"""refused.py BUILD [ROUNDS [PER_SECOND]]: what another user's refused connections cost the owner of a proxy.

As root. agent-proxy runs as it is; bench-flood becomes another user and opens PER_SECOND (10,000) connections to its
port, each of which is refused. Of the owner's connections, in turns: alone; with the flood; and with as many connections to
a process that does nothing but accept and close, which is what such a flood costs the machine, whoever refuses. Measured: a
new connection to its first byte, and a byte there and back on an open one. `--program AGENT-PROXY` measures another build's.
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
        floods = {"alone": None, "refused": subject.port, "elsewhere": 0}
        for command in kinds.values():
            numbers(folder, *command)  # warm
        took = {(kind, flood): [] for kind in kinds for flood in floods}
        rates, cpu, let_in = {"refused": [], "elsewhere": []}, [], 0
        for turn in range(options.rounds):
            for kind, command in kinds.items():
                order = list(floods)
                for name in order[turn % 3:] + order[:turn % 3]:
                    if name == "alone":
                        took[kind, name].append(numbers(folder, *command))
                        continue
                    flood = Flood(folder, floods[name], options.rate)
                    start, used = time.monotonic(), cpu_seconds(subject.pids)
                    took[kind, name].append(numbers(folder, *command))
                    if name == "refused":
                        cpu.append((cpu_seconds(subject.pids) - used) / (time.monotonic() - start))
                    rate, _, got_in = flood.end()
                    rates[name].append(rate)
                    let_in += got_in
        print(f"load {os.getloadavg()[0]:.1f}; refused per second {statistics.median(rates['refused']):.0f}, let in "
              f"{let_in:.0f}, elsewhere {statistics.median(rates['elsewhere']):.0f}; "
              f"agent-proxy meanwhile {statistics.median(cpu):.2f} CPUs")
        for kind, what in (("first", "new connection to first byte"), ("trips", "a byte there and back")):
            for share in (0.5, 0.99):
                sides = {name: [percentile(values, share) for values in took[kind, name]] for name in floods}
                times = {name: statistics.median(side) for name, side in sides.items()}
                ratio = {name: statistics.median(b / a for a, b in zip(sides[name], sides["refused"]))
                         for name in ("alone", "elsewhere")}
                print(f"{what}, {share * 100:.0f} %: {times['alone']:.2f} ms alone, {times['elsewhere']:.2f} beside such a "
                      f"flood elsewhere, {times['refused']:.2f} refusing it: × {ratio['alone']:.2f} and × {ratio['elsewhere']:.2f}")
    finally:
        folder.close()


main()
