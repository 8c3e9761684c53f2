// One resource: what it says, its edit form, its deletion, and the panels that only its kind has.
import { useSignal } from "@preact/signals";
import { call, pathOf, type ApiError } from "../api/http";
import { useItem } from "../api/live_item";
import { dropFromLists, refreshLists } from "../api/live_list";
import { suspectLogin } from "../api/login";
import { asText, may, member, type Item } from "../api/types";
import { fieldsOf, kinds, scopeName, secret, type Kind } from "../kinds/kinds";
import { Dialog } from "../ui/dialog";
import { hasDraft } from "../ui/form";
import { useKeys } from "../ui/keys";
import { asError, Problem } from "../ui/problem";
import { go, href } from "../ui/route";
import { Fact, Id, Name } from "../ui/text";
import { Ago } from "../ui/time";
import { announce } from "../ui/toast";
import { EditForm } from "./edit_form";
import { panels } from "./panels";

const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);

export function Resource({ collection, id }: { collection: string; id: string }) {
    const kind = kinds[collection]!;
    const path = pathOf(collection, id);
    const live = useItem(path, 6000);
    const item = live.item.value;
    const problem = live.problem.value;
    const editing = useSignal(hasDraft(path));
    const deleting = useSignal(false);
    const canEdit = may(item, "update");
    if (problem?.status === 403) suspectLogin();
    useKeys({ e: () => canEdit && (editing.value = true) });
    const title = item ? kind.label(item) : id;
    const back = kind.parent && item ? href(kind.parent.collection, String(item[kind.parent.member] ?? "")) : href(collection);
    const Panels = panels[collection];
    return (
        <article>
            <p class="crumbs">
                <a href={back}>{kind.parent ? capital(kinds[kind.parent.collection]!.one) : kind.many}</a>
            </p>
            <div class="bar">
                <h1>
                    <Name text={title} />
                </h1>
                <span class="grow" />
                {canEdit && !editing.value && (
                    <button type="button" onClick={() => (editing.value = true)}>
                        Edit
                    </button>
                )}
                {may(item, "delete") && (
                    <button type="button" class="danger" onClick={() => (deleting.value = true)}>
                        Delete
                    </button>
                )}
            </div>
            <Problem error={problem} />
            {item && !editing.value && <Facts kind={kind} item={item} />}
            {item && editing.value && (
                <EditForm
                    kind={kind}
                    path={path}
                    item={item}
                    onDone={(saved) => {
                        if (saved) live.item.value = saved;
                        editing.value = false;
                        live.reload();
                        refreshLists(collection);
                    }}
                />
            )}
            {item && Panels && <Panels item={item} changed={(next) => (next && (live.item.value = next), live.reload())} />}
            {deleting.value && item && <DeleteDialog kind={kind} item={item} path={path} back={back} onClose={() => (deleting.value = false)} />}
        </article>
    );
}

function Facts({ kind, item }: { kind: Kind; item: Item }) {
    const values = fieldsOf(kind, item.type).filter((field) => field.path !== "name" && (!field.createOnly || (field.required && !secret(field))));
    return (
        <dl class="facts">
            <Fact label="Id">
                <Id>{item.id}</Id>
            </Fact>
            {item.scope && kind.collection !== "aliases" && (
                <Fact label="Scope">
                    <Name text={scopeName(item)} />
                </Fact>
            )}
            {values.map((field) => {
                const value = member(item, secret(field) ? field.path + "_hmac" : field.path);
                const words = asText(value);
                return (
                    <Fact key={field.path} label={field.label} long={words.length > 120}>
                        {field.kind === "target" && words ? <a href={href("targets", words)}>{words}</a> : words && secret(field) ? "set, and never shown" : words && field.shown ? field.shown(value) : <Name text={words} />}
                    </Fact>
                );
            })}
            <Fact label="Made">
                <Ago time={item.created_time} />
            </Fact>
            <Fact label="Changed">
                <Ago time={item.updated_time} />
            </Fact>
        </dl>
    );
}

function DeleteDialog({ kind, item, path, back, onClose }: { kind: Kind; item: Item; path: string; back: string; onClose: () => void }) {
    const error = useSignal<ApiError | null>(null);
    const busy = useSignal(false);
    const erase = async () => {
        busy.value = true;
        try {
            await call("DELETE", path);
            dropFromLists(item.id);
            announce(`Deleted the ${kind.one}.`);
            location.hash = back;
            return;
        } catch (problem) {
            error.value = asError(problem);
            if (error.value.status === 404) go(kind.collection);
        }
        busy.value = false;
    };
    return (
        <Dialog title={`Delete this ${kind.one}?`} onClose={onClose}>
            <p>
                <Name text={kind.label(item)} /> <Id>{item.id}</Id>
            </p>
            <p>{kind.deletes} This cannot be undone.</p>
            <Problem error={error.value} />
            <div class="buttons">
                <button type="button" class="danger" aria-disabled={busy.value} onClick={erase}>
                    Delete {kind.one}
                </button>
                <button type="button" onClick={onClose} autoFocus>
                    Keep it
                </button>
            </div>
        </Dialog>
    );
}
