"""CPU-seconds per GB of the process in the middle: source → X → peer and back, all subjects in turn, round by round."""
import statistics
import subprocess

from process import cpu_seconds

GB = 1e9


def run_once(folder, subject, direction, size, piece):
    before = cpu_seconds(subject.pids)
    out = subprocess.run([folder.programs / "bench/bench-load", direction, str(subject.port), str(size), str(piece)],
                         check=True, capture_output=True, text=True, timeout=120).stdout
    return (cpu_seconds(subject.pids) - before) / size * GB, size / float(out) / GB


def measure(folder, subjects, rounds, size, piece=64 * 1024, directions=("up", "down")):
    """{(subject name, direction): [(CPU-s per GB, GB per s), …]}, one entry a round."""
    results = {}
    for subject in subjects:
        for direction in directions:
            # warm: buffers, cipher code, sockets' windows
            run_once(folder, subject, direction, size // 8, piece)
    for _ in range(rounds):
        for direction in directions:
            for subject in subjects:
                results.setdefault((subject.name, direction), []).append(
                    run_once(folder, subject, direction, size, piece))
    return results


def median_cost(results, name, direction):
    return statistics.median(cost for cost, _ in results[name, direction])


def median_ratio(results, name, other, direction):
    """Of the pairs of one round each: what slowed the machine then slowed both."""
    pairs = zip(results[name, direction], results[other, direction])
    return statistics.median(ours[0] / theirs[0] for ours, theirs in pairs)
