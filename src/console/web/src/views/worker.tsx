// A worker's tags: its configuration's, which stay, and those given here.
import { useSignal } from "@preact/signals";
import { Empty, Name } from "../ui/text";
import type { PanelProps } from "./panels";
import { Values } from "./values";

/// {"type": ["dev", "local"]} as pairs, each as JSON: "=" may be in either half.
function pairs(tags: unknown): string[] {
    if (typeof tags !== "object" || tags === null) return [];
    return Object.entries(tags).flatMap(([key, values]) => (Array.isArray(values) ? values.filter((value) => typeof value === "string").map((value) => JSON.stringify([key, value])) : []));
}

const text = (pair: string) => (JSON.parse(pair) as string[]).join(" = ");

export function WorkerTags({ item, changed }: PanelProps) {
    const key = useSignal("");
    const value = useSignal("");
    const configured = pairs(item.config_tags);
    return (
        <>
            <section aria-label="Tags of its configuration">
                <h2>Tags of its configuration</h2>
                {configured.length === 0 && <Empty title="None." />}
                <ul class="rows">
                    {configured.map((tag) => (
                        <li key={tag}>
                            <code>
                                <Name text={text(tag)} />
                            </code>
                        </li>
                    ))}
                </ul>
            </section>
            <Values
                title="Tags given here"
                item={item}
                collection="workers"
                action="worker-tags"
                values={pairs(item.api_tags)}
                text={text}
                body={(pair) => {
                    const [key, value] = JSON.parse(pair) as [string, string];
                    return { api_tags: { [key]: [value] } };
                }}
                empty="None. Targets can choose their workers by tags."
                typed={() => (key.value.trim() && value.value.trim() ? JSON.stringify([key.value.trim(), value.value.trim()]) : "")}
                added={() => (key.value = value.value = "")}
                changed={changed}
            >
                <input type="text" aria-label="Key of the new tag" placeholder="key" value={key.value} onInput={(event) => (key.value = event.currentTarget.value)} spellcheck={false} autocomplete="off" />
                <input type="text" aria-label="Value of the new tag" placeholder="value" value={value.value} onInput={(event) => (value.value = event.currentTarget.value)} spellcheck={false} autocomplete="off" />
            </Values>
        </>
    );
}
