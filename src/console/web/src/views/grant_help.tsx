// How grants are written: examples, and what is likely wrong with one that the controller has refused.
import type { ComponentChildren } from "preact";

const examples: [string, string][] = [
    ["ids=*;type=target;actions=list,read,authorize-session", "use every target"],
    ["ids=ttcp_1234567890;actions=read,authorize-session", "use this target"],
    ["ids=*;type=session;actions=list,read:self,cancel:self", "see and cancel one's own sessions"],
    ["type=host-catalog;actions=create,list", "make host catalogs and list them"],
    ["ids=hcst_1234567890;type=host;actions=*", "everything with the hosts of this catalog"],
    ["ids={{.User.Id}};actions=read", "read oneself"],
    ["ids=*;type=*;actions=*", "everything"],
];
const keys = ["ids", "type", "actions", "output_fields"];

/// What the parts of a grant's text say of it; the controller has the last word, and has spoken.
export function grantHint(grant: string): ComponentChildren {
    const said: Record<string, string> = {};
    const quoted = (text: string) => <bdi>“{text.slice(0, 80)}”</bdi>;
    if (grant.startsWith("{")) return "As JSON a grant is one object with the members ids, type, actions and output_fields; all but type are lists of texts.";
    for (const part of grant.split(";")) {
        const [key = "", value, more] = part.split("=");
        if (part.trim() === "") return "There is an empty part: semicolons stand only between two parts.";
        if (value === undefined || more !== undefined) return <>{quoted(part)} should be one name, one “=” and one value. Parts are separated by semicolons, values by commas.</>;
        if (key === "id") return "“id” is written “ids” now.";
        if (!keys.includes(key)) return <>There is no part {quoted(key)}: the parts are ids, type, actions and output_fields, written without spaces.</>;
        if (value === "" && key !== "output_fields") return <>{quoted(part)} has no value.</>;
        said[key] = value;
    }
    const actions = said.actions?.split(",") ?? [];
    const collective = actions.filter((action) => action === "create" || action === "list");
    if (!said.actions && said.output_fields === undefined) return "It does not say which actions: add actions=….";
    if (!said.ids && !said.type) return "It does not say for what: add ids=… or type=….";
    if (!said.ids && (collective.length < actions.length || said.type === "*")) return "Without ids, only create and list of one type can be granted. For all that there are: ids=*.";
    if (said.ids === "*" && !said.type) return "ids=* needs a type as well; type=* is all of them.";
    if (said.ids?.includes("*") && said.ids !== "*") return "In ids, “*” stands alone.";
    if (actions.includes("*") && actions.length > 1) return "In actions, “*” stands alone.";
    if (said.ids && said.ids !== "*" && !said.type && collective.length) return "To create or list inside a resource, name the type of what is in it: type=….";
    if (said.ids && said.ids !== "*" && said.type && said.type !== "*") return "With ids and type together, the type is of what is inside these resources (the hosts of a catalog). For the resources themselves leave the type out.";
    return "Types are written like target, host-catalog, auth-token; actions like read, list, authorize-session, read:self.";
}

export const GrantHelp = ({ use }: { use: (grant: string) => void }) => (
    <details>
        <summary>How grants are written</summary>
        <p>
            As parts with semicolons between them: <code>ids=</code> which resources, <code>type=</code> of which kind, <code>actions=</code> what may be done, <code>output_fields=</code> which fields are seen. For example:
        </p>
        <ul class="rows">
            {examples.map(([grant, words]) => (
                <li key={grant}>
                    <code>{grant}</code> <span class="dim">{words}</span>
                    <span class="grow" />
                    <button type="button" onClick={() => use(grant)} aria-label={`Use ${grant}`}>
                        Use
                    </button>
                </li>
            ))}
        </ul>
    </details>
);
