// Connections and bytes of the sessions on the screen. Lists do not tell them, so each shown
// session that is active is read in turn: at most forty in three seconds, of the thousand that the
// API allows; one that has ended is read once.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ApiError, call, pathOf } from "./http";
import { poll } from "./poller";
import type { Connection, Session } from "./types";

export interface Traffic {
    open: number;
    total: number;
    up: number;
    down: number;
}

export function sum(connections: Connection[] | undefined): Traffic {
    const all = { open: 0, total: 0, up: 0, down: 0 };
    for (const one of connections ?? []) {
        all.total += 1;
        if (!one.closed_reason) all.open += 1;
        all.up += Number(one.bytes_up ?? 0);
        all.down += Number(one.bytes_down ?? 0);
    }
    return all;
}

export function useTraffic(visible: () => Session[]) {
    const known = useSignal(new Map<string, Traffic & { final: boolean }>());
    useEffect(() => {
        let next = 0;
        const polling = poll(3000, async () => {
            const wanted = visible().filter((one) => one.status !== "pending" && !(one.status === "terminated" && known.value.get(one.id)?.final));
            const some = wanted.length <= 40 ? wanted : [...wanted.slice(next), ...wanted.slice(0, next)].slice(0, 40);
            next = wanted.length ? (next + 40) % wanted.length : 0;
            const map = new Map(known.value);
            let changed = false;
            const waiting = [...some];
            const work = async () => {
                for (let one = waiting.shift(); one; one = waiting.shift()) {
                    try {
                        const read = await call<Session>("GET", pathOf("sessions", one.id));
                        const all = { ...sum(read.connections), final: read.status === "terminated" };
                        const before = map.get(one.id);
                        if (!before || before.open !== all.open || before.up !== all.up || before.down !== all.down || before.final !== all.final) {
                            map.set(one.id, all);
                            changed = true;
                        }
                    } catch (problem) {
                        if (!(problem instanceof ApiError) || problem.unreachable || problem.retryAfter) throw problem;
                    }
                }
            };
            await Promise.all([work(), work(), work()]);
            if (changed) known.value = map;
        });
        return () => polling.stop();
    }, []);
    return { of: (id: string) => known.value.get(id) };
}
