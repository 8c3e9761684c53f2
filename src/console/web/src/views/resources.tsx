// The list of one kind, and the form for a new one.
import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { refreshLists, useList } from "../api/live_list";
import { chosenScope, treeOf, useScope, useScopes } from "../api/scopes";
import { suspectLogin } from "../api/login";
import { mayBelow, type Item } from "../api/types";
import { kinds, type Kind } from "../kinds/kinds";
import { useKeys, focusSearch } from "../ui/keys";
import { Problem } from "../ui/problem";
import { go, href, route, setQuery } from "../ui/route";
import { Table } from "../ui/table";
import { Empty } from "../ui/text";
import { NewResource } from "./new_resource";

const matches = (item: Item, kind: Kind, text: string) => [kind.label(item), item.id, item.name, item.description, item.address, item.value, item.login_name, item.scope?.name, (item.attributes as any)?.address].some((one) => typeof one === "string" && one.toLowerCase().includes(text));

/// `parent`: the resource whose collection this is, read already; without it the list is of the chosen scope.
export function Resources({ kind, parent }: { kind: Kind; parent?: Item }) {
    const scope = kind.everywhere ? "global" : chosenScope.value;
    const parameters = kind.parent ? { [kind.parent.member]: parent?.id } : { scope_id: scope, recursive: true };
    const list = useList("/v1/" + kind.collection, parameters, 6000);
    const making = useSignal(false);
    const text = parent ? "" : (route.value.query.get("q") ?? "");
    const all = list.items.value;
    const rows = useMemo(() => (text ? all.filter((item) => matches(item, kind, text.toLowerCase())) : all), [all, text, kind]);
    const problem = list.problem.value;
    if (problem?.status === 403) suspectLogin();
    const place = useCreatePlaces(kind, parent);
    useKeys(parent ? {} : { "/": focusSearch, n: () => place.places.length > 0 && (making.value = true) });
    return (
        <section aria-label={kind.many}>
            <div class="bar">
                {parent ? <h2>{kind.many}</h2> : <h1>{kind.many}</h1>}
                <span class="count">{list.complete.value ? rows.length.toLocaleString() : "…"}</span>
                {!parent && <input type="search" placeholder="Search  ( / )" aria-label={`Search ${kind.many.toLowerCase()}`} value={text} onInput={(event) => setQuery({ q: event.currentTarget.value, page: "" })} />}
                <span class="grow" />
                {place.places.length > 0 && (
                    <button type="button" onClick={() => (making.value = true)}>
                        New {kind.one}
                    </button>
                )}
            </div>
            <Problem error={problem} />
            {!problem && (
                <Table label={kind.many} rows={rows} columns={kind.columns} id={(item) => item.id} link={(item) => href(kind.collection, item.id)} busy={!list.complete.value}>
                    {list.complete.value && (
                        <Empty title={text ? `Nothing matches “${text}”.` : `No ${kind.many.toLowerCase()} here.`}>
                            {text ? (
                                <button type="button" class="link" onClick={() => setQuery({ q: "" })}>
                                    Show all
                                </button>
                            ) : (
                                <p>
                                    {kind.empty} {place.places.length > 0 ? `Press “New ${kind.one}” to make one.` : place.why}
                                </p>
                            )}
                        </Empty>
                    )}
                </Table>
            )}
            {making.value && (
                <NewResource
                    kind={kind}
                    parent={parent}
                    places={place.places}
                    onClose={() => (making.value = false)}
                    onMade={(item) => {
                        making.value = false;
                        list.put(item);
                        refreshLists(kind.collection);
                        if (!parent) go(kind.collection, item.id);
                    }}
                />
            )}
        </section>
    );
}

/// The scopes in which the caller may make one: the chosen scope and what is inside it, as far as the scope's own
/// words allow it. Only the chosen scope is read; for the others the controller has the last word.
function useCreatePlaces(kind: Kind, parent?: Item): { places: Item[]; why: string } {
    const scopes = useScopes().items.value;
    const read = useScope(parent || kind.parent ? "" : chosenScope.value).item.value;
    const creates = kind.createAs ? Object.keys(kind.types!).map(kind.createAs) : ["create"];
    const mayMake = (where: Item | null | undefined) => creates.some((action) => mayBelow(where, kind.collection, action));
    if (kind.parent) return { places: mayMake(parent) ? [parent!] : [], why: "" };
    const tree = treeOf(scopes);
    const inside = (scope: Item) => chosenScope.value === "global" || kind.everywhere || scope.id === chosenScope.value || scope.scope_id === chosenScope.value;
    const fitting = tree.map((branch) => branch.scope).filter((scope) => kind.scopes!.includes((scope.type ?? "") as never) && inside(scope));
    if (fitting.some((scope) => scope.id === read?.id)) return { places: mayMake(read) ? fitting.filter((scope) => kind.everywhere || scope.id === read!.id) : [], why: "" };
    return { places: [], why: fitting.length > 0 && kind.scopes!.includes("project") ? "Choose a project above to make one there." : "" };
}

export const ResourcesView = ({ collection }: { collection: string }) => <Resources key={collection} kind={kinds[collection]!} />;
