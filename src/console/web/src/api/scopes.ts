// The scope that lists start from, and the tree of all scopes that the caller can see.
import { signal } from "@preact/signals";
import { epoch } from "./login";
import { useItem } from "./live_item";
import { useList } from "./live_list";
import { pathOf } from "./http";
import type { Item } from "./types";

const stored = "boundary-console-scope";
export const chosenScope = signal(sessionStorage.getItem(stored) ?? "global");
chosenScope.subscribe((id) => sessionStorage.setItem(stored, id));

export function useScopes() {
    return useList("/v1/scopes", { scope_id: "global", recursive: true }, 15_000);
}

const scopes_read = new Map<string, Item>();

/// Read, because only that tells authorized_collection_actions. What was read before is there at
/// once.
export function useScope(id: string) {
    const key = `${epoch.value} ${id}`; // another caller may do other things
    return useItem(id ? pathOf("scopes", id) : "", 20_000, (scope) => scopes_read.set(key, scope), scopes_read.get(key));
}

export interface Branch {
    scope: Item;
    depth: number;
}

/// Orgs by name, each followed by its projects.
export function treeOf(scopes: Item[]): Branch[] {
    const byName = (a: Item, b: Item) => (a.name ?? a.id).localeCompare(b.name ?? b.id) || a.id.localeCompare(b.id);
    const global: Item = scopes.find((scope) => scope.id === "global") ?? { id: "global", name: "global", type: "global" };
    const tree: Branch[] = [{ scope: global, depth: 0 }];
    const orgs = scopes.filter((scope) => scope.type === "org").sort(byName);
    const projects = scopes.filter((scope) => scope.type === "project").sort(byName);
    for (const org of orgs) {
        tree.push({ scope: org, depth: 1 });
        for (const project of projects) if (project.scope_id === org.id) tree.push({ scope: project, depth: 2 });
    }
    for (const project of projects) if (!orgs.some((org) => org.id === project.scope_id)) tree.push({ scope: project, depth: 1 });
    return tree;
}
