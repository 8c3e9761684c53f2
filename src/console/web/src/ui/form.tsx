// Forms that keep what was typed: a draft lives until it is saved or dropped, also when the page goes elsewhere in between,
// but not when somebody else logs in. Secrets are in no draft: they are in their field, which goes with its form, and are
// read when the form is sent.
import { signal, useSignal, type Signal } from "@preact/signals";
import { useId } from "preact/hooks";
import type { ApiError } from "../api/http";
import { epoch } from "../api/login";
import { asText, member, type Item } from "../api/types";
import { secret, type Field } from "../kinds/kind";
import { TargetChoice } from "./target_choice";

export interface Draft {
    values: Signal<Record<string, string>>;
    base: Item | null; // what the values began as; null: something new
}

const drafts = new Map<string, Draft>();
epoch.subscribe(() => drafts.clear()); // they are their writer's

const shown = (value: unknown) => (Array.isArray(value) ? value.map(asText).join("\n") : asText(value));

export function valuesOf(item: Item | null, fields: Field[]): Record<string, string> {
    return Object.fromEntries(fields.map((field) => [field.path, secret(field) ? "" : shown(member(item, field.path))]));
}

/// What stands in the secret fields of this form.
export function secretsOf(form: EventTarget | null, fields: Field[]): Record<string, string> {
    const elements = (form as HTMLFormElement).elements as unknown as Record<string, HTMLInputElement | undefined>;
    return Object.fromEntries(fields.filter(secret).map((field) => [field.path, elements[field.path]?.value ?? ""]));
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

function parsed(field: Field, value: string): { value?: unknown; wrong?: string } {
    switch (field.kind) {
        case "number":
            return /^-?\d{1,15}$/.test(value.trim()) ? { value: Number(value.trim()) } : { wrong: "This must be a whole number." };
        case "flag":
            return { value: value === "true" };
        case "lines":
            return { value: value.split("\n").map((line) => line.trim()).filter(Boolean) };
        case "json":
            try {
                const object: unknown = JSON.parse(value);
                if (typeof object === "object" && object !== null && !Array.isArray(object)) return { value: object };
            } catch {
                // said below, without the parser's words: they quote the secret
            }
            return { wrong: "This must be a JSON object." };
        default:
            return { value };
    }
}

/// What to send: for something new all that was typed, for a change only what differs; emptied is null. A secret that
/// nobody typed stays as it is.
export function bodyOf(draft: Draft, fields: Field[], secrets: Record<string, string> = {}): { body: Record<string, unknown>; wrong: Record<string, string> } {
    const body: Record<string, unknown> = {};
    const wrong: Record<string, string> = {};
    const before = valuesOf(draft.base, fields);
    for (const field of fields) {
        const value = (secret(field) ? secrets : draft.values.value)[field.path] ?? "";
        if (field.readOnly || (draft.base ? field.createOnly || value === before[field.path] : value === "")) continue;
        const read = value === "" ? { value: null } : parsed(field, value);
        if (read.wrong) wrong[field.path] = read.wrong;
        else put(body, field.path, read.value);
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
                .filter((field) => !field.readOnly && !(draft.base && field.createOnly))
                .map((field) => (
                    <FieldRow key={field.path} field={field} draft={draft} complaint={complaint(field.path)} busy={busy} />
                ))}
        </div>
    );
}

const plain = { type: "text", autocomplete: "off" } as const;
const number = { type: "text", autocomplete: "off", inputMode: "numeric" } as const;
const hidden = { type: "password", autocomplete: "new-password" } as const;

function FieldRow({ field, draft, complaint, busy }: { field: Field; draft: Draft; complaint: string; busy: boolean }) {
    const id = useId();
    const visible = useSignal(false); // of a secret of several lines: whoever types one may want to see it
    const set = (text: string) => (draft.values.value = { ...draft.values.value, [field.path]: text });
    const common = {
        id,
        name: field.path,
        readOnly: busy,
        "aria-invalid": complaint ? true : undefined,
        "aria-describedby": `${id}-hint`,
        "aria-required": (field.required && !(secret(field) && draft.base)) || undefined,
        spellcheck: false,
    };
    const kept = { value: draft.values.value[field.path] ?? "", onInput: (event: { currentTarget: { value: string } }) => set(event.currentTarget.value) };
    const choose = (options: string[][]) => (
        <select id={id} aria-describedby={`${id}-hint`} value={kept.value} onChange={kept.onInput}>
            {options.map(([value, words]) => (
                <option key={value} value={value}>
                    {words}
                </option>
            ))}
        </select>
    );
    const input = () => {
        switch (field.kind) {
            case "long":
            case "lines":
                return <textarea rows={2} {...common} {...kept} />;
            case "secret":
            case "json":
                return <textarea rows={4} class={visible.value ? undefined : "hidden-text"} autocomplete="off" {...common} />;
            case "password":
                return <input {...hidden} {...common} />;
            case "target":
                return <TargetChoice id={id} value={kept.value} onChange={set} />;
            case "flag":
                return choose([["", "–"], ["true", "yes"], ["false", "no"]]);
            case "choice":
                return choose(["", ...field.choices!].map((value) => [value, value || "–"]));
            default:
                return <input {...(field.kind === "number" ? number : plain)} {...common} {...kept} />;
        }
    };
    return (
        <div class={complaint ? "field bad" : "field"}>
            <label for={id}>
                {field.label}
                {common["aria-required"] && <span class="dim"> (needed)</span>}
            </label>
            {input()}
            {(field.kind === "secret" || field.kind === "json") && (
                <label class="tick">
                    <input type="checkbox" checked={visible.value} onChange={(event) => (visible.value = event.currentTarget.checked)} />
                    show what I type
                </label>
            )}
            <p id={`${id}-hint`} class="hint">
                {complaint ? <span class="complaint">{complaint}</span> : secret(field) && draft.base ? "Empty: the present one stays. It is never shown." : field.hint}
            </p>
        </div>
    );
}
