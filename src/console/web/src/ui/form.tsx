// Forms that keep what was typed: a draft lives until it is saved or dropped, also when the page goes elsewhere in between,
// but not when somebody else logs in.
import { signal, type Signal } from "@preact/signals";
import { useId } from "preact/hooks";
import type { ApiError } from "../api/http";
import { epoch } from "../api/login";
import { member, type Item } from "../api/types";
import type { Field } from "../kinds/kinds";
import { TargetChoice } from "./target_choice";

export interface Draft {
    values: Signal<Record<string, string>>;
    base: Item | null; // what the values began as; null: something new
}

const drafts = new Map<string, Draft>();
epoch.subscribe(() => drafts.clear()); // they are their writer's, and may hold a password

const shown = (value: unknown) => (value === undefined || value === null ? "" : String(value));

export function valuesOf(item: Item | null, fields: Field[]): Record<string, string> {
    return Object.fromEntries(fields.map((field) => [field.path, shown(member(item, field.path))]));
}

export function draftOf(key: string, item: Item | null, fields: Field[]): Draft {
    let draft = drafts.get(key);
    if (!draft) drafts.set(key, (draft = { values: signal(valuesOf(item, fields)), base: item }));
    return draft;
}
export const dropDraft = (key: string) => drafts.delete(key);
export const hasDraft = (key: string) => drafts.has(key);

function put(into: Record<string, any>, path: string, value: unknown) {
    const names = path.split(".");
    for (const name of names.slice(0, -1)) into = into[name] ??= {};
    into[names.at(-1)!] = value;
}

/// What to send: for something new all that was typed, for a change only what differs; emptied is null.
export function bodyOf(draft: Draft, fields: Field[]): { body: Record<string, unknown>; wrong: Record<string, string> } {
    const body: Record<string, unknown> = {};
    const wrong: Record<string, string> = {};
    const before = valuesOf(draft.base, fields);
    for (const field of fields) {
        const value = draft.values.value[field.path] ?? "";
        if (draft.base ? field.createOnly || value === before[field.path] : value === "") continue;
        if (field.kind === "number" && value !== "") {
            if (!/^-?\d{1,15}$/.test(value.trim())) wrong[field.path] = "This must be a whole number.";
            else put(body, field.path, Number(value.trim()));
        } else put(body, field.path, value === "" ? null : value);
    }
    return { body, wrong };
}

interface FieldsProps {
    draft: Draft;
    fields: Field[];
    error: ApiError | null;
    wrong: Record<string, string>;
    busy: boolean;
}

export function Fields({ draft, fields, error, wrong, busy }: FieldsProps) {
    const complaint = (path: string) => wrong[path] ?? error?.fields.find((field) => field.name === path)?.description ?? "";
    return (
        <div class="fields">
            {fields
                .filter((field) => !(draft.base && field.createOnly))
                .map((field) => (
                    <FieldRow key={field.path} field={field} draft={draft} complaint={complaint(field.path)} busy={busy} />
                ))}
        </div>
    );
}

const plain = { type: "text", autocomplete: "off" } as const;
const number = { type: "text", autocomplete: "off", inputMode: "numeric" } as const;
const secret = { type: "password", autocomplete: "new-password" } as const;

function FieldRow({ field, draft, complaint, busy }: { field: Field; draft: Draft; complaint: string; busy: boolean }) {
    const id = useId();
    const value = draft.values.value[field.path] ?? "";
    const set = (text: string) => (draft.values.value = { ...draft.values.value, [field.path]: text });
    const common = {
        id,
        value,
        name: field.path,
        readOnly: busy,
        "aria-invalid": complaint ? true : undefined,
        "aria-describedby": `${id}-hint`,
        "aria-required": field.required || undefined,
        spellcheck: false,
    };
    return (
        <div class={complaint ? "field bad" : "field"}>
            <label for={id}>
                {field.label}
                {field.required && <span class="dim"> (needed)</span>}
            </label>
            {field.kind === "long" ? (
                <textarea rows={2} {...common} onInput={(event) => set(event.currentTarget.value)} />
            ) : field.kind === "target" ? (
                <TargetChoice id={id} value={value} onChange={set} />
            ) : (
                <input {...(field.kind === "password" ? secret : field.kind === "number" ? number : plain)} {...common} onInput={(event) => set(event.currentTarget.value)} />
            )}
            <p id={`${id}-hint`} class="hint">
                {complaint ? <span class="complaint">{complaint}</span> : field.hint}
            </p>
        </div>
    );
}
