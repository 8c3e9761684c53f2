// Orgs and projects as a tree; choosing one makes every list start from it.
import { useSignal } from "@preact/signals";
import { chosenScope, treeOf, useScope, useScopes } from "../api/scopes";
import { mayBelow, type Item } from "../api/types";
import { kinds } from "../kinds/kinds";
import { Problem } from "../ui/problem";
import { href } from "../ui/route";
import { Id, Name } from "../ui/text";
import { announce } from "../ui/toast";
import { NewResource } from "./new_resource";

export function Scopes() {
    const list = useScopes();
    const tree = treeOf(list.items.value);
    const making = useSignal<Item | null>(null);
    return (
        <section aria-label="Scopes">
            <div class="bar">
                <h1>Scopes</h1>
                <span class="count">{list.complete.value ? tree.length : "…"}</span>
            </div>
            <Problem error={list.problem.value} />
            <ul class="tree rows">
                {tree.map(({ scope, depth }) => (
                    <li key={scope.id} class={`depth-${depth} ${scope.id === chosenScope.value ? "selected" : ""}`}>
                        <a data-row href={href("scopes", scope.id)}>
                            <Name text={scope.name ?? scope.id} />
                        </a>
                        <span class="dim">{scope.type}</span>
                        <Id>{scope.id}</Id>
                        <span class="dim level-3">
                            <Name text={scope.description} fallback=" " />
                        </span>
                        <span class="grow" />
                        {scope.type !== "project" && <NewInside scope={scope} onMake={() => (making.value = scope)} />}
                        <button
                            type="button"
                            aria-pressed={scope.id === chosenScope.value}
                            aria-label={`${scope.id === chosenScope.value ? "Chosen" : "Choose"}: ${scope.id}`}
                            onClick={() => {
                                chosenScope.value = scope.id;
                                announce(`Lists start from ${scope.name ?? scope.id} now.`);
                            }}
                        >
                            {scope.id === chosenScope.value ? "Chosen" : "Choose"}
                        </button>
                    </li>
                ))}
            </ul>
            {list.complete.value && tree.length === 1 && <p class="dim">No orgs that you may see. An org holds projects; a project holds targets and hosts.</p>}
            {making.value && (
                <NewResource
                    key={making.value.id}
                    kind={{ ...kinds.scopes!, one: making.value.type === "global" ? "org" : "project" }}
                    places={[making.value]}
                    onClose={() => (making.value = null)}
                    onMade={(made) => {
                        making.value = null;
                        list.put(made);
                    }}
                />
            )}
        </section>
    );
}

function NewInside({ scope, onMake }: { scope: Item; onMake: () => void }) {
    const read = useScope(scope.id).item.value;
    if (!mayBelow(read, "scopes", "create")) return null;
    const what = scope.type === "global" ? "org" : "project";
    return (
        <button type="button" onClick={onMake} aria-label={`New ${what} in ${scope.id}`}>
            New {what}
        </button>
    );
}
