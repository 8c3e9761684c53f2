// Cancelling: read the session for its present version, cancel, and once more if it changed in
// between.
import { ApiError, call, pathOf } from "./http";
import type { Session } from "./types";

export interface Outcome {
    id: string;
    result: "canceled" | "over already" | "failed";
    session?: Session;
    problem?: ApiError;
}

async function cancelOne(id: string): Promise<Outcome> {
    const path = pathOf("sessions", id);
    for (let tries = 0; ; tries += 1) {
        try {
            const before = await call<Session>("GET", path);
            if (before.status !== "pending" && before.status !== "active") return { id, result: "over already", session: before };
            const session = await call<Session>("POST", path + ":cancel", { version: before.version });
            return { id, result: "canceled", session };
        } catch (problem) {
            const error = problem instanceof ApiError ? problem : new ApiError(0, "", String(problem));
            if (error.status === 500 && tries === 0) continue; // its version moved on: that is how the controller says it
            if (error.status === 404) return { id, result: "over already" };
            return { id, result: "failed", problem: error };
        }
    }
}

export async function cancelAll(ids: string[], progress: (done: number) => void): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    const waiting = [...ids];
    const work = async () => {
        for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
            outcomes.push(await cancelOne(id));
            progress(outcomes.length);
        }
    };
    await Promise.all([work(), work(), work(), work()]);
    return outcomes;
}
