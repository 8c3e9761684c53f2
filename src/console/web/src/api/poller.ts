// Repeats a request at a polite rate: never two at once, not while the tab is hidden, slower while
// nothing answers, and as late as a rate limit says.
import { ApiError, loginEnded, unreachableSince } from "./http";

const slowest = 10_000;
const kicks = new Set<() => void>();

document.addEventListener("visibilitychange", () => {
    if (!document.hidden) for (const kick of kicks) kick();
});
loginEnded.subscribe((ended) => {
    if (!ended) for (const kick of kicks) kick();
});

export interface Poll {
    stop(): void;
    /// Now, or right after the run that is under way.
    kick(): void;
    /// From now on at another rate.
    pace(period: number): void;
}

export function poll(period: number, run: () => Promise<void>): Poll {
    let timer = 0;
    let running = false;
    let again = false;
    let stopped = false;
    let failures = 0;

    const kick = () => {
        if (stopped) return;
        if (running) {
            again = true;
            return;
        }
        clearTimeout(timer);
        void turn();
    };
    const turn = async () => {
        if (document.hidden || loginEnded.value) return; // the next kick comes when that is over
        running = true;
        let wait = period;
        try {
            await run();
            failures = 0;
        } catch (problem) {
            failures += 1;
            if (problem instanceof ApiError && problem.retryAfter > 0) wait = Math.max(period, problem.retryAfter * 1000);
            else {
                const slower = Math.min(slowest, 1000 * 2 ** Math.min(failures - 1, 6));
                wait = unreachableSince.value ? slower : Math.max(period, slower); // who is refused need not ask more often than others
            }
        }
        running = false;
        if (stopped) return;
        if (again) {
            again = false;
            wait = 0;
        }
        timer = window.setTimeout(() => void turn(), wait);
    };
    kicks.add(kick);
    queueMicrotask(kick);
    return {
        stop() {
            stopped = true;
            clearTimeout(timer);
            kicks.delete(kick);
        },
        kick,
        pace(next) {
            const faster = next < period;
            period = next;
            if (faster) kick();
        },
    };
}
