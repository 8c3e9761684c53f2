// A session's states in the order they came, with how long each lasted.
import type { SessionState } from "../api/types";
import { Status } from "../ui/text";
import { exact, now, span } from "../ui/time";

export function Timeline({ states, reason }: { states: SessionState[]; reason?: string }) {
    const inOrder = [...states].reverse();
    return (
        <section aria-label="States">
            <h2>States</h2>
            <ol class="timeline">
                {inOrder.map((state, index) => {
                    const start = Date.parse(state.start_time ?? "");
                    const end = state.end_time ? Date.parse(state.end_time) : now.value;
                    const last = index === inOrder.length - 1;
                    const ended = last && state.status === "terminated";
                    return (
                        <li key={state.status}>
                            <Status status={state.status} />
                            <time dateTime={state.start_time} title={exact(state.start_time)}>
                                {isNaN(start) ? "" : new Date(start).toLocaleTimeString()}
                            </time>
                            <span class="dim">{ended ? reason : isNaN(start) ? "" : `${last ? "for " : ""}${span((end - start) / 1000)}`}</span>
                        </li>
                    );
                })}
            </ol>
        </section>
    );
}
