// Changing a resource. The draft remembers the version it began with; when somebody else saved in between, both sides
// are shown and only what clashes has to be decided.
import { useSignal } from "@preact/signals";
import { call, type ApiError } from "../api/http";
import { useRef } from "preact/hooks";
import { member, type Item } from "../api/types";
import { fieldsOf, secret, type Kind } from "../kinds/kinds";
import { bodyOf, draftOf, dropDraft, Fields, secretsOf, valuesOf } from "../ui/form";
import { useKeys } from "../ui/keys";
import { asError, Problem } from "../ui/problem";
import { Name } from "../ui/text";
import { announce } from "../ui/toast";

interface Clash {
    label: string;
    path: string;
    theirs: string;
}

export function EditForm({ kind, path, item, onDone }: { kind: Kind; path: string; item: Item; onDone: (saved: Item | null) => void }) {
    const form = useRef<HTMLFormElement>(null);
    const fields = fieldsOf(kind, item.type);
    const draft = draftOf(path, item, fields);
    const error = useSignal<ApiError | null>(null);
    const wrong = useSignal<Record<string, string>>({});
    const busy = useSignal(false);
    const clashes = useSignal<Clash[] | null>(null);

    /// Takes what the others changed into the draft, where it was not touched here. True: there was something.
    const rebase = (theirs: Item): boolean => {
        if (theirs.version === draft.base?.version) return false;
        const before = valuesOf(draft.base, fields);
        const now = valuesOf(theirs, fields);
        const typed = secretsOf(form.current, fields);
        const mine = { ...draft.values.value };
        const found: Clash[] = [];
        for (const field of fields) {
            const name = field.path;
            if (secret(field)) { // known by its HMAC only
                if (typed[name] && member(theirs, name + "_hmac") !== member(draft.base, name + "_hmac")) found.push({ label: field.label, path: name, theirs: "" });
                continue;
            }
            if (field.readOnly || field.createOnly || now[name] === before[name]) continue;
            if (mine[name] === before[name]) mine[name] = now[name]!;
            else if (mine[name] !== now[name]) found.push({ label: field.label, path: name, theirs: now[name]! });
        }
        draft.base = theirs;
        draft.values.value = mine;
        clashes.value = found;
        return true;
    };
    const save = async (event: Event) => {
        event.preventDefault();
        if (busy.value) return;
        const { body, wrong: complaints } = bodyOf(draft, fields, secretsOf(event.currentTarget, fields));
        wrong.value = complaints;
        error.value = null;
        if (Object.keys(complaints).length) return;
        if (Object.keys(body).length === 0) return close(null);
        busy.value = true;
        try {
            const saved = await call<Item>("PATCH", path, { ...body, version: draft.base!.version });
            announce(`Saved the ${kind.one}.`);
            return close(saved);
        } catch (problem) {
            const failure = asError(problem);
            let conflict = false;
            if ([400, 404, 409, 500].includes(failure.status)) {
                try {
                    conflict = rebase(await call<Item>("GET", path));
                } catch {
                    // the first answer says more
                }
            }
            if (!conflict) error.value = failure;
        }
        busy.value = false;
    };
    const close = (saved: Item | null) => {
        dropDraft(path);
        onDone(saved);
    };
    const isSecret = (path: string) => fields.some((field) => field.path === path && secret(field));
    useKeys({ Escape: () => close(null) });
    return (
        <form class="edit" onSubmit={save} noValidate ref={form} aria-label={`Edit the ${kind.one}`}>
            {clashes.value && (
                <div class="problem" role="alert">
                    <p>
                        <strong>Somebody else saved this {kind.one} while you were editing.</strong>{" "}
                        {clashes.value.length === 0 ? "Their changes and yours do not touch the same fields: both are below. Save again to keep both." : "Decide for each field, then save again:"}
                    </p>
                    {clashes.value.length > 0 && (
                        <ul>
                            {clashes.value.map((clash) => (
                                <li key={clash.path}>
                                    {isSecret(clash.path) ? (
                                        `${clash.label}: both have set another one.`
                                    ) : (
                                        <>
                                            {clash.label}: theirs is “<Name text={clash.theirs} fallback="empty" />”, yours “<Name text={draft.values.value[clash.path]} fallback="empty" />”.
                                        </>
                                    )}{" "}
                                    <button
                                        type="button"
                                        onClick={() => {
                                            if (isSecret(clash.path)) (form.current!.elements.namedItem(clash.path) as HTMLInputElement).value = "";
                                            else draft.values.value = { ...draft.values.value, [clash.path]: clash.theirs };
                                            clashes.value = clashes.value!.filter((one) => one !== clash);
                                        }}
                                    >
                                        Take theirs
                                    </button>
                                </li>
                            ))}
                        </ul>
                    )}
                </div>
            )}
            <Fields draft={draft} fields={fields} error={error.value} wrong={wrong.value} busy={busy.value} />
            <Problem error={error.value} />
            <div class="buttons">
                <button type="submit" class="primary" aria-disabled={busy.value}>
                    {busy.value ? "Saving…" : clashes.value?.length ? "Save mine over it" : "Save"}
                </button>
                <button type="button" onClick={() => close(null)}>
                    Discard changes
                </button>
            </div>
        </form>
    );
}
