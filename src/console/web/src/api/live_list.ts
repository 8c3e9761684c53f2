// LiveList: one of the API's lists, kept up to date by its list token: pages until complete, then refreshes for ever.
// Views share them through useList(); one that nobody looks at rests.
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
    private users = 0;
    private poll: Poll | null = null;

    constructor(
        private readonly path: string,
        private readonly parameters: Parameters,
        private readonly period: number,
    ) {}

    enter() {
        this.users += 1;
        this.poll ??= poll(this.period, () => this.update());
    }
    leave() {
        this.users -= 1;
        if (this.users > 0) return;
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
        for (const item of answer.items ?? []) into.set(item.id, slim(item));
        for (const id of answer.removed_ids ?? []) into.delete(id);
        this.token = answer.list_token ?? "";
        this.more = answer.response_type === "delta" && this.token !== "" && into.size < most_items;
        this.estimate.value = Math.max(answer.est_item_count ?? 0, into.size);
        if (this.paging) {
            // The first pages show at once; a list from scratch later replaces the old one when it is whole.
            if (!this.complete.value || !this.more) {
                this.known = this.more ? new Map(this.fresh) : this.fresh;
                this.publish();
            }
            if (!this.more) {
                this.complete.value = true;
                this.paging = this.token === ""; // an empty list has no token: ask from scratch again
                this.fresh = new Map();
            }
        } else if ((answer.items?.length ?? 0) > 0 || (answer.removed_ids?.length ?? 0) > 0) {
            this.publish();
        }
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

export function listOf(path: string, parameters: Parameters, period = 8000): LiveList {
    const key = path + query(parameters);
    let list = lists.get(key);
    if (!list) lists.set(key, (list = new LiveList(path, parameters, period)));
    return list;
}

/// Another caller sees other things: forget all.
export function forgetLists() {
    lists.clear();
}

export function useList(path: string, parameters: Parameters, period = 8000): LiveList {
    const list = useMemo(() => listOf(path, parameters, period), [path, query(parameters), period]);
    useEffect(() => {
        list.enter();
        return () => list.leave();
    }, [list]);
    return list;
}
