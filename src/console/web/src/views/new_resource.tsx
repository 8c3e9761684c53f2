// The dialog for a new resource. Closing keeps the draft; only making it, or dropping it, ends that.
import { useSignal } from "@preact/signals";
import { call, type ApiError } from "../api/http";
import type { Item } from "../api/types";
import { fieldsOf, type Kind } from "../kinds/kinds";
import { Dialog } from "../ui/dialog";
import { bodyOf, draftOf, dropDraft, Fields, secretsOf } from "../ui/form";
import { asError, Problem } from "../ui/problem";
import { Copy, plainly } from "../ui/text";
import { announce } from "../ui/toast";

interface Props {
    kind: Kind;
    parent?: Item;
    places: Item[];
    onClose: () => void;
    onMade: (item: Item) => void;
}

export function NewResource({ kind, parent, places, onClose, onMade }: Props) {
    const key = `new ${kind.collection} ${parent?.id ?? ""}`;
    const types = Object.entries(kind.types ?? {});
    const draft = draftOf(key, null, kind.fields);
    const type = kind.typeOf ? kind.typeOf(parent!) : draft.values.value.type || types[0]?.[0] || "";
    const fields = fieldsOf(kind, type);
    const scope = useSignal(places[0]?.id ?? "");
    const error = useSignal<ApiError | null>(null);
    const wrong = useSignal<Record<string, string>>({});
    const busy = useSignal(false);
    const made = useSignal<{ item: Item; once: string } | null>(null);
    const save = async (event: Event) => {
        event.preventDefault();
        if (busy.value) return;
        const { body, wrong: complaints } = bodyOf(draft, fields, secretsOf(event.currentTarget, fields));
        wrong.value = complaints;
        error.value = null;
        if (Object.keys(complaints).length) return;
        busy.value = true;
        try {
            const where = kind.parent ? { [kind.parent.member]: parent!.id } : { scope_id: scope.value };
            const path = "/v1/" + kind.collection + (kind.createAs ? ":" + kind.createAs(type) : "");
            const { [kind.once?.path ?? ""]: once, ...item } = await call<Item>("POST", path, { ...kind.constant, ...(type && !kind.createAs && { type }), ...where, ...body });
            dropDraft(key);
            announce(`Made the ${kind.one}.`);
            if (typeof once === "string") made.value = { item: item as Item, once };
            else onMade(item as Item);
        } catch (problem) {
            error.value = asError(problem);
        }
        busy.value = false;
    };
    if (made.value) {
        const { item, once } = made.value;
        return (
            <Dialog title={`New ${kind.one}`} onClose={() => onMade(item)}>
                <p>{kind.once!.words}</p>
                <Copy text={once} label="Copy token" />
                <div class="buttons">
                    <button type="button" class="primary" onClick={() => onMade(item)}>
                        Done
                    </button>
                </div>
            </Dialog>
        );
    }
    return (
        <Dialog title={`New ${kind.one}`} onClose={onClose}>
            <form onSubmit={save} noValidate>
                {!kind.parent && (
                    <div class="field">
                        <label for="new-scope">In</label>
                        <select id="new-scope" value={scope.value} onChange={(event) => (scope.value = event.currentTarget.value)}>
                            {places.map((place) => (
                                <option key={place.id} value={place.id}>
                                    {plainly(place.name ?? place.id, 60)} · {place.id}
                                </option>
                            ))}
                        </select>
                    </div>
                )}
                {types.length > 0 && (
                    <div class="field">
                        <label for="new-type">Type</label>
                        <select id="new-type" value={type} onChange={(event) => (draft.values.value = { ...draft.values.value, type: event.currentTarget.value })}>
                            {types.map(([value, words]) => (
                                <option key={value} value={value}>
                                    {words}
                                </option>
                            ))}
                        </select>
                    </div>
                )}
                <Fields draft={draft} fields={fields} error={error.value} wrong={wrong.value} busy={busy.value} />
                <Problem error={error.value} />
                <div class="buttons">
                    <button type="submit" class="primary" aria-disabled={busy.value}>
                        {busy.value ? "Making…" : `Make ${kind.one}`}
                    </button>
                    <button type="button" onClick={onClose}>
                        Close
                    </button>
                </div>
            </form>
        </Dialog>
    );
}
