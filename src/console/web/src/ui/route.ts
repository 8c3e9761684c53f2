// Where we are: the part of the address behind '#', so that one file serves every view and Back
// works.
import { signal } from "@preact/signals";

export interface Route {
    path: string[];
    query: URLSearchParams;
}

function read(): Route {
    const [path = "", query = ""] = location.hash.replace(/^#\/?/, "").split("?", 2);
    const elements = path.split("/").filter(Boolean).map((one) => {
        try {
            return decodeURIComponent(one);
        } catch {
            return one;
        }
    });
    return { path: elements.length ? elements : ["sessions"], query: new URLSearchParams(query) };
}

export const route = signal<Route>(read());
addEventListener("hashchange", () => (route.value = read()));

export function href(...elements: string[]) {
    return "#/" + elements.map(encodeURIComponent).join("/");
}

export function go(...elements: string[]) {
    location.hash = href(...elements);
}

/// Changes the query of the present view without a step in the history.
export function setQuery(changes: Record<string, string>) {
    const query = new URLSearchParams(route.value.query);
    for (const [name, value] of Object.entries(changes)) value ? query.set(name, value) : query.delete(name);
    const text = query.toString();
    history.replaceState(null, "", href(...route.value.path) + (text ? "?" + text : ""));
    route.value = { path: route.value.path, query };
}
