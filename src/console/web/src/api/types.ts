// The words of Boundary's API that the page uses. Any member may be missing: grants can restrict
// output fields.

export interface ScopeInfo {
    id: string;
    type?: string;
    name?: string;
    description?: string;
    parent_scope_id?: string;
}

export interface Item {
    id: string;
    scope_id?: string;
    scope?: ScopeInfo;
    name?: string;
    description?: string;
    type?: string;
    version?: number;
    created_time?: string;
    updated_time?: string;
    authorized_actions?: string[];
    authorized_collection_actions?: Record<string, string[]>;
    attributes?: Record<string, unknown>;
    [member: string]: unknown;
}

export interface SessionState {
    status: string;
    start_time?: string;
    end_time?: string;
}

export interface Connection {
    client_tcp_address?: string;
    client_tcp_port?: number;
    endpoint_tcp_address?: string;
    endpoint_tcp_port?: number;
    bytes_up?: string; // int64 travels as a string
    bytes_down?: string;
    closed_reason?: string;
}

export interface Session extends Item {
    target_id?: string;
    user_id?: string;
    auth_token_id?: string;
    host_id?: string;
    host_set_id?: string;
    endpoint?: string;
    status?: string;
    expiration_time?: string;
    termination_reason?: string;
    states?: SessionState[]; // newest first
    connections?: Connection[]; // newest first; only when read
}

export const live = (session: Session) => session.status === "pending" || session.status === "active";
export const over = (session: Session) => session.status === "terminated";

/// Whether the caller may do it, on this item or on its own.
export function may(item: Item | null | undefined, action: string): boolean {
    const actions = item?.authorized_actions ?? [];
    return actions.includes(action) || actions.includes(action + ":self");
}

export function mayBelow(parent: Item | null | undefined, collection: string, action: string): boolean {
    return parent?.authorized_collection_actions?.[collection]?.includes(action) ?? false;
}

/// "attributes.default_port" of an item.
export function member(item: unknown, path: string): unknown {
    let value: unknown = item;
    for (const name of path.split(".")) {
        if (typeof value !== "object" || value === null) return undefined;
        value = (value as Record<string, unknown>)[name];
    }
    return value;
}

/// Whatever somebody else sent, to be read: also what is no text.
export const asText = (value: unknown): string => (typeof value === "string" ? value : value === undefined || value === null ? "" : Array.isArray(value) ? value.map(asText).join(", ") : JSON.stringify(value));
/// A list of texts as somebody else sent it.
export const textsOf = (value: unknown): string[] => (Array.isArray(value) ? value.filter((one) => typeof one === "string") : []);
