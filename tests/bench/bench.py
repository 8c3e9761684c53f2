"""Everything tests/bench measures, side by side on this machine, as one Markdown report.

usage: bench.py BUILD-FOLDER [--write RESULTS] [--reference BOUNDARY] [--rounds N] [--gb SIZE] [--only PART…]
"""
import argparse
import datetime
import pathlib
import platform
import re
import statistics
import subprocess
import sys
import time

import crowd
import first_byte
import setup
import throughput
from process import cpu_seconds
from subjects import AgentProxy, DelayLink, Folder, HAProxy, Peer, Reference, Ssh

BEGIN, END = "<!-- figures: written by run --write -->", "<!-- end of figures -->"
DIRECTIONS = ("up", "down")


def table(headings, rows):
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines) + "\n"


def part_throughput(options, folder, peer):
    subjects = [HAProxy(folder, peer), AgentProxy(folder, peer), Ssh(folder, peer)]
    if options.reference:
        subjects.append(Reference(folder, peer, options.reference))
    size = int(options.gb * 1e9)
    results = throughput.measure(folder, subjects, options.rounds, size)
    rows = []
    for subject in subjects:
        cells = [subject.name]
        for direction in DIRECTIONS:
            runs = results[subject.name, direction]
            costs = [cost for cost, _ in runs]
            cells += [f"{statistics.median(costs):.2f} ({min(costs):.2f}–{max(costs):.2f})",
                      f"{throughput.median_ratio(results, subject.name, 'HAProxy', direction):.2f}",
                      f"{statistics.median(speed for _, speed in runs):.2f}"]
        rows.append(cells)
    to_reference = ""
    if options.reference:
        up, down = (f"{throughput.median_ratio(results, 'agent-proxy', Reference.name, way):.2f}" for way in DIRECTIONS)
        to_reference = f"\nagent-proxy × {Reference.name}, of each round's pair: {up} up, {down} down.\n"
    small = throughput.measure(folder, subjects[1:2], options.rounds, size // 2, 32 * 1024, ("down",))
    iperf = iperf_speed(folder)
    return (f"### Throughput: CPU-seconds per GB\n\nMedian of {options.rounds} (lowest–highest) of {options.gb:g} GB each; "
            "× is the median of the rounds' own ratios to HAProxy.\n\n"
            + table(["", "up", "× HAProxy", "GB/s", "down", "× HAProxy", "GB/s"], rows)
            + to_reference
            + f"\nDown in the 32 KiB messages that Go's workers send: "
              f"{throughput.median_cost(small, 'agent-proxy', 'down'):.2f}. Loopback alone (iperf3): {iperf} GB/s.\n")


def iperf_speed(folder):
    from subjects import accepts, free_port, wait_until
    port = free_port()
    folder.start("iperf3", "-s", "-B", "127.0.0.1", "-p", port)
    wait_until(lambda: accepts(port), "iperf3")
    time.sleep(0.5)  # it takes the probe for a test and needs a moment to drop it
    out = subprocess.run(["iperf3", "-c", "127.0.0.1", "-p", str(port), "-t", "2", "-J"], capture_output=True,
                         text=True).stdout
    found = re.search(r'"sum_received":\s*{[^}]*"bits_per_second":\s*([\d.e+]+)', out)
    return f"{float(found[1]) / 8e9:.1f}" if found else "–"


def part_crowd(options, folder, peer):
    rows = []
    for count, proxies in (100, 1), (1000, 1), (1000, 10), (10000, 100):
        got = crowd.measure(folder, peer, count, proxies, crowd.IDLE_SECONDS if proxies == 100 else 0)
        rows.append([f"{got['connections']:,}", got["proxies"], got["refused"], f"{got['rate']:.0f}",
                     f"{got['empty'] / 1024:.2f}", f"{got['empty_private'] / 1024:.2f}", f"{got['each']:.1f}",
                     f"{got['after'] / 1024:.2f}", got["woken"] if proxies == 100 else ""])
    quiet = crowd.measure(folder, peer, 1000, 10, crowd.IDLE_SECONDS, keep_alive_ms=0, no_warm=True)["woken"]
    return ("### Many connections\n\nPSS of agent-proxy; “again empty” is after the last connection has ended.\n\n"
            + table(["idle connections", "proxies", "refused", "opened per s", "MiB per empty proxy", "of it private",
                     "KiB per connection", "MiB again empty", f"wake-ups in {crowd.IDLE_SECONDS} s, all proxies"], rows)
            + f"\nThe wake-ups are pings and their pongs: of the connections, and of those that are kept warm in the first five "
              f"minutes. Without either (`-keep-alive 0 -no-warm`) 1,000 connections over 10 proxies woke them {quiet} times in "
              f"{crowd.IDLE_SECONDS} s.\n")


def part_rate(options, folder, peer):
    subject = AgentProxy(folder, peer)
    rows = []
    for parallel in (1, 50):
        before = cpu_seconds(subject.pids)
        out = subprocess.run([folder.programs / "bench/bench-load", "short", str(subject.port), "1000", str(parallel)],
                             check=True, capture_output=True, text=True, timeout=120).stdout
        served, refused, seconds = out.split()
        cost = (cpu_seconds(subject.pids) - before) / 1000 * 1e3
        rows.append([parallel, served, refused, f"{1000 / float(seconds):.0f}", f"{cost:.2f}"])
    return ("### Short connections: accept, worker, handshake, first byte, end\n\n"
            + table(["at a time", "answered", "not", "per s", "CPU-ms each"], rows))


def part_first_byte(options, folder, peer):
    return first_byte.report(folder, table)


def part_agentctl(options, folder, peer):
    """Whole processes of a person who is signed in, against a dev server: on loopback, and 40 ms away."""
    rows = setup.measure(folder, "127.0.0.1", "127.0.0.1", "loopback")
    link = DelayLink(folder, 40, 92)
    if link.far:
        rows += setup.measure(folder, link.near, link.far, "40 ms")
    else:
        rows.append(["the delay link needs CAP_NET_ADMIN", "–", "–", "–", "–", "–"])
    link.close()
    return ("### agentctl connect: from the command to a port that listens\n\nMedians of "
            f"{setup.ROUNDS}, whole processes, agentd running and signed in. “more” is what `connect -detach` takes beyond that one "
            "request over a kept-alive connection; starting and ending any agentctl is part of it (`agentctl status`).\n\n"
            + table(["controller", "ms: authorize-session alone", "agentctl connect", "more",
                     "agentctl connect, agentd a systemd service", "agentctl status"], rows))


def part_micro(options, folder, peer):
    out = subprocess.run([folder.programs / "bench/bench-micro"], check=True, capture_output=True, text=True).stdout
    rows = []
    for line in out.splitlines():
        name, figure, unit = line.split("\t")
        rows.append([name, f"{figure} {unit}"])
    return "### Pieces\n\n" + table(["", ""], rows)


PARTS = {"throughput": part_throughput, "crowd": part_crowd, "rate": part_rate, "first": part_first_byte,
         "agentctl": part_agentctl, "micro": part_micro}


def machine():
    cpu = re.search(r"model name\s*:\s*(.*)", pathlib.Path("/proc/cpuinfo").read_text())
    cores = len(re.findall(r"^processor", pathlib.Path("/proc/cpuinfo").read_text(), re.M))
    load = pathlib.Path("/proc/loadavg").read_text().split()[0]
    return (f"{datetime.date.today()}, {cores} × {cpu[1] if cpu else platform.machine()}, Linux {platform.release().split('-')[0]}, "
            f"load {load} before the run.\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("programs")
    parser.add_argument("--write")
    parser.add_argument("--reference")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--gb", type=float, default=1.0)
    parser.add_argument("--only", nargs="*", choices=PARTS)
    options = parser.parse_args()
    report = machine()
    for name, part in PARTS.items():
        if options.only and name not in options.only:
            continue
        folder = Folder(options.programs)
        try:
            text = part(options, folder, Peer(folder))
        finally:
            folder.close()
        print(text, flush=True)
        report += "\n" + text
    if options.write:
        readme = pathlib.Path(options.write)
        before, rest = readme.read_text().split(BEGIN)
        readme.write_text(before + BEGIN + "\n" + report + END + rest.split(END)[1])


if __name__ == "__main__":
    sys.exit(main())
