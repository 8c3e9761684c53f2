// useItem: one resource, read again and again while somebody looks at it.
import { useSignal, type Signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { ApiError, call } from "./http";
import { poll, type Poll } from "./poller";
import type { Item } from "./types";

export interface LiveItem<T extends Item> {
    item: Signal<T | null>;
    problem: Signal<ApiError | null>;
    reload(): void;
}

/// `path` empty: nothing to read. `onRead` sees each answer; `initial` stands until the first.
export function useItem<T extends Item = Item>(path: string, period = 8000, onRead?: (item: T) => void, initial?: T): LiveItem<T> {
    const item = useSignal<T | null>(initial ?? null);
    const problem = useSignal<ApiError | null>(null);
    const running = useRef<Poll | null>(null);
    const seen = useRef("");
    useEffect(() => {
        item.value = initial ?? null;
        problem.value = null;
        seen.current = "";
        if (!path) return;
        const polling = poll(period, async () => {
            try {
                const read = await call<T>("GET", path);
                problem.value = null;
                onRead?.(read);
                const text = JSON.stringify(read); // unchanged: nothing is drawn again
                if (text !== seen.current) {
                    seen.current = text;
                    item.value = read;
                }
            } catch (failure) {
                if (failure instanceof ApiError && !failure.unreachable) problem.value = failure;
                throw failure;
            }
        });
        running.current = polling;
        return () => polling.stop();
    }, [path, period]);
    return { item, problem, reload: () => running.current?.kick() };
}
