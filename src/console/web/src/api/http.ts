// One request to the API, and what is known of the way there. Everything else asks through call().
import { signal } from "@preact/signals";

export interface FieldProblem {
    name: string;
    description: string;
}

export class ApiError extends Error {
    constructor(
        readonly status: number, // 0: no answer
        readonly kind: string,
        message: string,
        readonly fields: FieldProblem[] = [],
        readonly retryAfter = 0, // seconds
        readonly hint = "",
    ) {
        super(message);
    }
    get unreachable() {
        return this.status === 0 || this.status === 502 || this.status === 504;
    }
}

/// Since when nothing answers; null while all is well.
export const unreachableSince = signal<number | null>(null);
export const unreachableWhy = signal("");
/// What to do when nobody answers at this page's own address.
export const goneHint = signal("Is it still running? This page tries again by itself.");
/// The login is over: whoever knows that says so here, and the login dialog opens above what is on
/// the screen.
export const loginEnded = signal(false);

let token = "";
export function useToken(text: string) {
    token = text;
}

function problemOf(status: number, body: unknown, retryAfter: number): ApiError {
    const object = (typeof body === "object" && body !== null ? body : {}) as Record<string, any>;
    const details = object.details as { request_fields?: FieldProblem[] } | undefined;
    const words: Record<number, string> = {
        400: "The controller does not take this request.",
        404: "There is no such resource.",
        405: "The controller does not do this.",
        429: "Too many requests.",
        503: "The controller is busy.",
    };
    const message = typeof object.message === "string" && object.message ? object.message : (words[status] ?? `The controller answered HTTP status ${status}.`);
    const fields = Array.isArray(details?.request_fields) ? details.request_fields : [];
    return new ApiError(status, typeof object.kind === "string" ? object.kind : "", message, fields, retryAfter, typeof object.hint === "string" ? object.hint : "");
}

export async function call<T = any>(method: string, path: string, body?: object, signal?: AbortSignal): Promise<T> {
    const headers: Record<string, string> = {};
    if (body) headers["Content-Type"] = "application/json";
    if (token && path.startsWith("/v1/")) headers["Authorization"] = `Bearer ${token}`;
    let response: Response;
    let text: string;
    try {
        response = await fetch(path, { method, headers, body: body ? JSON.stringify(body) : undefined, signal, cache: "no-store", redirect: "error" });
        text = await response.text();
    } catch (problem) {
        if (signal?.aborted) throw problem;
        unreachableSince.value ??= Date.now();
        unreachableWhy.value = "nothing answers at " + location.host;
        throw new ApiError(0, "Unreachable", `Nothing answers at ${location.host}.`, [], 0, goneHint.value);
    }
    let parsed: unknown = null;
    if (text.trim() !== "") {
        try {
            parsed = JSON.parse(text);
        } catch {
            parsed = null;
        }
    }
    if (!response.ok) {
        const error = problemOf(response.status, parsed, Number(response.headers.get("Retry-After")) || 0);
        if (error.unreachable) {
            unreachableSince.value ??= Date.now();
            unreachableWhy.value = error.message;
        } else {
            unreachableSince.value = null;
            if (response.status === 401 && !path.endsWith(":authenticate")) loginEnded.value = true;
        }
        throw error;
    }
    unreachableSince.value = null;
    return parsed as T;
}

export function query(parameters: Record<string, string | number | boolean | undefined>): string {
    const all = new URLSearchParams();
    for (const [name, value] of Object.entries(parameters)) if (value !== undefined && value !== "" && value !== false) all.set(name, String(value));
    const text = all.toString();
    return text ? "?" + text : "";
}

export const pathOf = (...elements: string[]) => "/v1/" + elements.map(encodeURIComponent).join("/");
