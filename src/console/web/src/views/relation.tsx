// What a resource is related to by add-… and remove-… actions: hosts of a set, host sets of a target, accounts of a user.
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { call, pathOf, type ApiError } from "../api/http";
import { useLists } from "../api/live_list";
import { may, type Item } from "../api/types";
import { kinds } from "../kinds/kinds";
import { asError, Problem } from "../ui/problem";
import { href } from "../ui/route";
import { Empty, Id, Name, plainly } from "../ui/text";
import { announce } from "../ui/toast";

interface Props {
    title: string;
    item: Item;
    ids: string[];
    collection: string; // of `item`
    others: Record<string, string | boolean | undefined>[]; // what can be added: lists of that kind
    pending?: boolean; // there may be more such lists
    linked: string; // their kind
    action: string; // "hosts": add-hosts, remove-hosts
    member: string; // "host_ids"
    empty: string;
    fits?: (other: Item) => boolean;
    changed: (item?: Item) => void;
}

/// An action on the version we know; when that has moved on, once more on the one there is.
export async function relate(collection: string, item: Item, action: string, body: object): Promise<Item> {
    const path = pathOf(collection, item.id);
    try {
        return await call<Item>("POST", `${path}:${action}`, { ...body, version: item.version });
    } catch (problem) {
        const fresh = await call<Item>("GET", path);
        if (fresh.version === item.version) throw problem;
        return await call<Item>("POST", `${path}:${action}`, { ...body, version: fresh.version });
    }
}

/// For a section from which a row goes together with the button that was pressed: the keyboard stays in it.
export function useFocusKept() {
    const section = useRef<HTMLElement>(null);
    const find = (selector: string) => section.current?.querySelector<HTMLElement>(selector);
    const keep = () => requestAnimationFrame(() => document.activeElement === document.body && (find(":scope > .rows button") ?? find("select:enabled, input"))?.focus());
    return { section, keep };
}

export function Relation(props: Props) {
    const { item, ids, action } = props;
    const { section, keep } = useFocusKept();
    const lists = useLists(
        props.others.map((parameters) => ["/v1/" + props.linked, parameters]),
        15_000,
    );
    const others = lists.flatMap((list) => list.items.value);
    const known = !props.pending && lists.every((list) => list.complete.value || list.problem.value !== null); // until then names have their place, but nothing moves
    const chosen = useSignal("");
    const error = useSignal<ApiError | null>(null);
    const kind = kinds[props.linked]!;
    const canAdd = may(item, `add-${action}`);
    const canRemove = may(item, `remove-${action}`);
    const left = others.filter((other) => !ids.includes(other.id) && (props.fits?.(other) ?? true));
    const change = async (verb: "add" | "remove", id: string) => {
        error.value = null;
        try {
            props.changed(await relate(props.collection, item, `${verb}-${action}`, { [props.member]: [id] }));
            chosen.value = "";
            announce(verb === "add" ? "Added." : "Removed.");
            keep();
        } catch (problem) {
            error.value = asError(problem);
        }
    };
    return (
        <section ref={section} aria-label={props.title}>
            <h2>{props.title}</h2>
            {ids.length === 0 && <Empty title={props.empty} />}
            <ul class="rows">
                {ids.map((id) => {
                    const other = others.find((one) => one.id === id);
                    return (
                        <li key={id}>
                            <a href={href(props.linked, id)}>
                                {known ? <Name text={other ? kind.label(other) : id} /> : "…"}
                            </a>{" "}
                            {known && other && <Id>{id}</Id>}
                            <span class="grow" />
                            {canRemove && (
                                <button type="button" onClick={() => change("remove", id)} aria-label={`Remove ${plainly(id)}`}>
                                    Remove
                                </button>
                            )}
                        </li>
                    );
                })}
            </ul>
            {canAdd && (
                <form
                    class="inline"
                    onSubmit={(event) => {
                        event.preventDefault();
                        if (chosen.value) void change("add", chosen.value);
                    }}
                >
                    <select aria-label={`Add to: ${props.title}`} disabled={left.length === 0} value={chosen.value} onChange={(event) => (chosen.value = event.currentTarget.value)}>
                        <option value="">{left.length === 0 && known ? `No other ${kind.one} to add` : `Choose ${/^[aeio]/.test(kind.one) ? "an" : "a"} ${kind.one}…`}</option>
                        {left.map((other) => (
                            <option key={other.id} value={other.id}>
                                {plainly(kind.label(other), 60)} · {other.id}
                            </option>
                        ))}
                    </select>
                    <button type="submit" disabled={left.length === 0}>
                        Add
                    </button>
                </form>
            )}
            <Problem error={error.value} />
        </section>
    );
}
