// The dialog for a new resource. Closing keeps the draft; only making it, or dropping it, ends that.
import { useSignal } from "@preact/signals";
import { call, type ApiError } from "../api/http";
import type { Item } from "../api/types";
import type { Kind } from "../kinds/kinds";
import { Dialog } from "../ui/dialog";
import { bodyOf, draftOf, dropDraft, Fields } from "../ui/form";
import { asError, Problem } from "../ui/problem";
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
    const draft = draftOf(key, null, kind.fields);
    const scope = useSignal(places[0]?.id ?? "");
    const error = useSignal<ApiError | null>(null);
    const wrong = useSignal<Record<string, string>>({});
    const busy = useSignal(false);
    const save = async (event: Event) => {
        event.preventDefault();
        if (busy.value) return;
        const { body, wrong: complaints } = bodyOf(draft, kind.fields);
        wrong.value = complaints;
        error.value = null;
        if (Object.keys(complaints).length) return;
        busy.value = true;
        try {
            const where = kind.parent ? { [kind.parent.member]: parent!.id } : { scope_id: scope.value };
            const made = await call<Item>("POST", "/v1/" + kind.collection, { ...kind.constant, ...where, ...body });
            dropDraft(key);
            announce(`Made the ${kind.one}.`);
            onMade(made);
        } catch (problem) {
            error.value = asError(problem);
        }
        busy.value = false;
    };
    return (
        <Dialog title={`New ${kind.one}`} onClose={onClose}>
            <form onSubmit={save} noValidate>
                {!kind.parent && (
                    <div class="field">
                        <label for="new-scope">In</label>
                        <select id="new-scope" value={scope.value} onChange={(event) => (scope.value = event.currentTarget.value)}>
                            {places.map((place) => (
                                <option key={place.id} value={place.id}>
                                    {(place.name ?? place.id).slice(0, 60)} · {place.id}
                                </option>
                            ))}
                        </select>
                    </div>
                )}
                <Fields draft={draft} fields={kind.fields} error={error.value} wrong={wrong.value} busy={busy.value} />
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
