// What a row of the table of kinds says, and the columns and fields that many of them share.
import type { ComponentChildren } from "preact";
import { asText, member, type Item } from "../api/types";
import { Id, Name } from "../ui/text";

export interface Field {
    path: string; // "attributes.default_port"
    label: string;
    /// password, secret (several lines) and json (an object) are typed, sent and forgotten: ui/form.tsx
    kind?: "text" | "long" | "number" | "password" | "secret" | "json" | "lines" | "flag" | "choice" | "target";
    choices?: string[];
    types?: string[]; // only items of these types have it
    required?: boolean;
    createOnly?: boolean;
    readOnly?: boolean;
    hint?: string;
    shown?: (value: unknown) => ComponentChildren; // where it is only read
}

export interface Kind {
    collection: string; // its path under /v1
    one: string;
    many: string;
    /// Where a new one goes: a scope of such a type, or another resource.
    scopes?: ("global" | "org" | "project")[];
    parent?: { member: string; collection: string };
    /// Lists start at the chosen scope; at "global" for what projects do not hold.
    everywhere?: boolean;
    /// What a new one can be, with the words for it; or what it is because its parent is.
    types?: Record<string, string>;
    typeOf?: (parent: Item) => string;
    /// Where there is more than one way to make one: the action and the address for each type.
    createAs?: (type: string) => string;
    /// What only the answer to a create holds, for the one moment in which it can be copied.
    once?: { path: string; words: string };
    label: (item: Item) => string;
    columns: { title: string; cell: (item: Item) => ComponentChildren; width?: string; level?: 1 | 2 | 3; number?: boolean }[];
    fields: Field[];
    constant?: Record<string, unknown>; // sent with every create
    deletes: string; // what goes with it
    empty: string;
}

export const secret = (field: Field) => field.kind === "password" || field.kind === "secret" || field.kind === "json";
export const fieldsOf = (kind: Kind, type: string | undefined) => kind.fields.filter((field) => !field.types || field.types.includes(type ?? ""));

export const scopeName = (item: Item) => item.scope?.name || item.scope_id || "";
export const named = (item: Item) => item.name || item.id;
export const text = (item: Item, path: string) => asText(member(item, path));
export const nameColumn = { title: "Name", cell: (item: Item) => <Name text={named(item)} /> };
export const typeColumn = { title: "Type", cell: (item: Item) => item.type, width: "user", level: 2 as const };
export const scopeColumn = { title: "Scope", cell: (item: Item) => <Name text={scopeName(item)} />, level: 3 as const, width: "name" };
export const idColumn = { title: "Id", cell: (item: Item) => <Id>{item.id}</Id>, level: 2 as const, width: "long-id" };
export const descriptionColumn = { title: "Description", cell: (item: Item) => <Name text={item.description} />, level: 3 as const };
export const nameField: Field = { path: "name", label: "Name" };
export const descriptionField: Field = { path: "description", label: "Description", kind: "long" };
