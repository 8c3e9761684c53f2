"""Time to the first byte of a target that speaks first, over a link of 40 ms, and where each connection spent it.

bench-delay-link writes down when each packet came and went. So a connection's time is told apart: on the link (which is
40 ms and the lateness of this machine's scheduler), at the far end, and the rest: bench-load, the proxy, the kernel.
"""
import statistics
import subprocess

from subjects import AgentProxy, DelayLink, Peer

ROUND_TRIP = 40
EXTRA = 3  # the aim: a round trip, the far end's own time, and this
COUNT = 100
AHEAD = 21  # they teach the proxy the pace: how many connections it must hold ready


def connections(folder, host, port, count):
    """Of each: milliseconds, and the nanoseconds at which it began and had its byte."""
    out = subprocess.run([folder.programs / "bench/bench-load", "first", host, str(port), str(count)], check=True,
                         capture_output=True, text=True, timeout=120).stdout
    lines = [line.split() for line in out.splitlines()]
    return [(float(took) / 1000, int(start), int(end)) for took, start, end in lines]


class Packets:
    """What passed the link between here and a worker's port."""

    def __init__(self, trace, port):
        self.up, self.down = [], []  # (came, went, the client's port)
        for line in trace.read_text().splitlines():
            came, went, source, target, _ = map(int, line.split())
            if target == port:
                self.up.append((came, went, source))
            elif source == port:
                self.down.append((came, went, target))

    def shares(self, start, end):
        """Milliseconds on the link, and at the far end, of the connection that lived from `start` to `end`.

        Its last packet down is the greeting; the far end was asked for it by the first packet up of the same flow.
        """
        _, delivered, flow = greeting = max((p for p in self.down if start < p[1] <= end), key=lambda p: p[1])
        request = min((p for p in self.up if p[2] == flow and start <= p[0] < delivered), key=lambda p: p[0])
        link = (request[1] - request[0]) + (greeting[1] - greeting[0])
        return link / 1e6, (greeting[0] - request[1]) / 1e6


def spread(values):
    return f"{statistics.median(values):.1f} ({max(values):.1f})"


def report(folder, table):
    heading = f"### First byte of a target that speaks first, over a round trip of {ROUND_TRIP} ms\n\n"
    trace = folder.path / "packets"
    link = DelayLink(folder, ROUND_TRIP, 91, trace)
    if not link.far:
        return heading + "Not measured: the delay link needs CAP_NET_ADMIN.\n"
    distant = Peer(folder, link.far)
    subject = AgentProxy(folder, distant)
    straight = connections(folder, link.far, distant.plain, AHEAD + COUNT)
    through = connections(folder, "127.0.0.1", subject.port, AHEAD)
    through += connections(folder, "127.0.0.1", subject.port, COUNT)
    link.close()

    packets = Packets(trace, distant.worker)
    took = [ms for ms, _, _ in through[AHEAD:]]
    shares = [packets.shares(start, end) for _, start, end in through[AHEAD:]]
    rest = [ms - on_link - far for ms, (on_link, far) in zip(took, shares)]
    plain = [ms for ms, _, _ in straight[AHEAD:]]
    rows = [["TCP alone, straight through the link", f"{straight[0][0]:.1f}", spread(plain), "", "", "", ""],
            ["agent-proxy", f"{through[0][0]:.1f}", spread(took), spread([a for a, _ in shares]),
             spread([b for _, b in shares]), spread(rest), f"{sum(ms <= EXTRA for ms in rest)} of {COUNT}"]]
    return (heading + f"Of {COUNT} in a row the median and, in brackets, the highest. Of the time, what passed on the link (a packet "
            "each way), at the far end, and beside both; the aim is that the last is at most "
            f"{EXTRA} ms for all. Within {ROUND_TRIP + EXTRA} ms in all: {sum(ms <= ROUND_TRIP + EXTRA for ms in took)}.\n\n"
            + table(["ms", "first connection", f"{COUNT} in a row", "on the link", "far end", "beside both",
                     f"at most {EXTRA}"], rows))
