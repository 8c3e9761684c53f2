// Texts that a resource holds, added and removed one by one: grants and grant scopes of a role, tags of a worker.
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import type { ApiError } from "../api/http";
import { may, type Item } from "../api/types";
import { asError, Problem } from "../ui/problem";
import { Empty, Name, plainly } from "../ui/text";
import { announce } from "../ui/toast";
import { relate, useFocusKept } from "./relation";

interface Props {
    title: string;
    item: Item;
    collection: string; // of `item`
    action: string; // "grants": add-grants, remove-grants
    values: string[];
    text?: (value: string) => string; // what people read, where that is not the value itself
    shown?: (value: string) => ComponentChildren;
    body: (value: string) => object; // what names this one in a request
    empty: string;
    /// What the form below says; empty: nothing to add yet.
    typed: () => string;
    added: () => void; // clears the form
    children: ComponentChildren; // its fields
    /// What helps after a refusal, and always stands below.
    refused?: (value: string) => ComponentChildren;
    below?: ComponentChildren;
    changed: (item?: Item) => void;
}

export function Values(props: Props) {
    const { item, action, values, text = (value) => value } = props;
    const error = useSignal<ApiError | null>(null);
    const tried = useSignal("");
    const busy = useSignal(false);
    const { section, keep } = useFocusKept();
    const change = async (verb: "add" | "remove", value: string) => {
        if (busy.value) return;
        busy.value = true;
        error.value = null;
        tried.value = verb === "add" ? value : "";
        try {
            props.changed(await relate(props.collection, item, `${verb}-${action}`, props.body(value)));
            if (verb === "add") props.added();
            announce(verb === "add" ? "Added." : "Removed.");
            keep();
        } catch (problem) {
            error.value = asError(problem);
        }
        busy.value = false;
    };
    const submit = (event: Event) => {
        event.preventDefault();
        const value = props.typed();
        if (value) void change("add", value);
    };
    return (
        <section ref={section} aria-label={props.title}>
            <h2>{props.title}</h2>
            {values.length === 0 && <Empty title={props.empty} />}
            <ul class="rows">
                {values.map((value) => (
                    <li key={value}>
                        {props.shown?.(value) ?? (
                            <code>
                                <Name text={text(value)} />
                            </code>
                        )}
                        <span class="grow" />
                        {may(item, `remove-${action}`) && (
                            <button type="button" onClick={() => change("remove", value)} aria-label={`Remove ${plainly(text(value))}`}>
                                Remove
                            </button>
                        )}
                    </li>
                ))}
            </ul>
            {may(item, `add-${action}`) && (
                <form class="inline" onSubmit={submit} noValidate>
                    {props.children}
                    <button type="submit" aria-disabled={busy.value}>
                        Add
                    </button>
                </form>
            )}
            <Problem error={error.value}>{tried.value && props.refused?.(tried.value)}</Problem>
            {may(item, `add-${action}`) && props.below}
        </section>
    );
}
