// LiveList: one of the API's lists, kept up to date by its list token: pages until complete, then
// refreshes for ever. Views share them through useList(); one that nobody looks at rests.
import { signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { ApiError, call, query } from "./http";
import { poll, type Poll } from "./poller";
import type { Item } from "./types";

interface Page {
    items?: Item[];
    response_type?: string;
    list_token?: string;
    removed_ids?: string[];
    est_item_count?: number;
}

type Parameters = Record<string, string | boolean | undefined>;
const first_page = 100; // soon on the screen
const page = 1000;
const most_items = 100_000;

export class LiveList {
    /// Changes whenever the items do.
    readonly items = signal<Item[]>([]);
    readonly complete = signal(false);
    readonly estimate = signal(0);
    readonly problem = signal<ApiError | null>(null);

    private known = new Map<string, Item>();
    private fresh = new Map<string, Item>(); // while a list from scratch is under way
    private token = "";
    private paging = true;
    private periods: number[] = []; // of those who look at it: the shortest counts
    private poll: Poll | null = null;
    private busy = false;

    constructor(
        readonly path: string,
        private readonly parameters: Parameters,
    ) {}

    enter(period: number) {
        this.periods.push(period);
        if (this.poll) this.poll.pace(Math.min(...this.periods));
        else this.poll = poll(period, () => this.update());
    }
    leave(period: number) {
        this.periods.splice(this.periods.indexOf(period), 1);
        if (this.periods.length > 0) return this.poll?.pace(Math.min(...this.periods));
        this.poll?.stop();
        this.poll = null;
    }
    refresh() {
        this.poll?.kick();
    }
    find(id: string) {
        return this.known.get(id);
    }
    /// What a create, update or delete of our own answered, before the next refresh tells it.
    put(item: Item) {
        this.known.set(item.id, slim(item));
        this.publish();
    }
    drop(id: string) {
        if (this.known.delete(id)) this.publish();
    }

    private async update() {
        if (this.busy) return; // begun for somebody who has left since
        this.busy = true;
        try {
            do await this.next();
            while (this.poll && this.more);
            this.problem.value = null;
        } catch (problem) {
            if (problem instanceof ApiError) {
                if (problem.kind === "invalid list token") {
                    this.startOver();
                    return;
                }
                if (!problem.unreachable) this.problem.value = problem;
            }
            throw problem;
        } finally {
            this.busy = false;
        }
    }
    private more = false;

    private startOver() {
        this.token = "";
        this.paging = true;
        this.fresh = new Map();
        this.refresh();
    }

    private async next() {
        const size = this.paging && this.token === "" ? first_page : page;
        const answer = (await call<Page | null>("GET", this.path + query({ ...this.parameters, page_size: size, list_token: this.token }))) ?? {};
        const into = this.paging ? this.fresh : this.known;
        let changed = false; // refreshes look back a while: most of what they tell is known
        for (const item of answer.items ?? []) {
            const next = slim(item);
            if (!this.paging && JSON.stringify(into.get(item.id)) === JSON.stringify(next)) continue;
            into.set(item.id, next);
            changed = true;
        }
        for (const id of answer.removed_ids ?? []) if (into.delete(id)) changed = true;
        this.token = answer.list_token ?? "";
        this.more = answer.response_type === "delta" && this.token !== "" && into.size < most_items;
        this.estimate.value = Math.max(answer.est_item_count ?? 0, into.size);
        if (this.paging) {
            // The first pages show at once; a list from scratch later replaces the old one when it
            // is whole.
            if (!this.complete.value || !this.more) {
                this.known = this.more ? new Map(this.fresh) : this.fresh;
                this.publish();
            }
            if (!this.more) {
                this.complete.value = true;
                this.paging = this.token === ""; // an empty list has no token: ask from scratch again
                this.fresh = new Map();
            }
        } else if (changed) this.publish();
    }

    private publish() {
        // "…:05Z" is before "…:05.001Z", which plain text order would not know
        const key = (item: Item) => (item.created_time ?? "").replace(/Z$/, "") + " " + item.id;
        const keyed = [...this.known.values()].map((item) => [key(item), item] as const);
        this.items.value = keyed.sort(([a], [b]) => (a < b ? 1 : a > b ? -1 : 0)).map(([, item]) => item);
    }
}

// Ten thousand sessions fit in memory; ten thousand certificates need not.
function slim(item: Item): Item {
    if (!("certificate" in item)) return item;
    const { certificate: _, ...rest } = item;
    return rest as Item;
}

const lists = new Map<string, LiveList>();

function listOf(path: string, parameters: Parameters): LiveList {
    const key = path + query(parameters);
    let list = lists.get(key);
    if (!list) lists.set(key, (list = new LiveList(path, parameters)));
    return list;
}

/// After a change of our own: every list of this collection that somebody looks at asks again now.
export function refreshLists(collection: string) {
    for (const list of lists.values()) if (list.path === "/v1/" + collection) list.refresh();
}
/// What has been deleted here is in no list any more, before the next refreshes tell it.
export function dropFromLists(id: string) {
    for (const list of lists.values()) list.drop(id);
}

/// Another caller sees other things: forget all.
export function forgetLists() {
    lists.clear();
}

export function useLists(wanted: [path: string, parameters: Parameters][], period = 8000): LiveList[] {
    const key = wanted.map(([path, parameters]) => path + query(parameters)).join(" ");
    const lists = useMemo(() => wanted.map(([path, parameters]) => listOf(path, parameters)), [key]);
    useEffect(() => {
        for (const list of lists) list.enter(period);
        return () => lists.forEach((list) => list.leave(period));
    }, [lists, period]);
    return lists;
}

export const useList = (path: string, parameters: Parameters, period = 8000) => useLists([[path, parameters]], period)[0]!;
