// A target's own panels: how to reach it, its host sources, its aliases.
import { useSignal } from "@preact/signals";
import { call, pathOf, type ApiError } from "../api/http";
import { useList, useLists } from "../api/live_list";
import { agent } from "../api/login";
import { useScope } from "../api/scopes";
import { may, mayBelow, type Item } from "../api/types";
import { asError, Problem } from "../ui/problem";
import { href } from "../ui/route";
import { Copy, Empty, Fact, Id, Name, plainly } from "../ui/text";
import { announce } from "../ui/toast";
import { Until } from "../ui/time";
import { ConnectHere } from "./connect_here";
import type { PanelProps } from "./panels";
import { Relation } from "./relation";

interface Authorization {
    session_id: string;
    expiration?: string;
    endpoint?: string;
    authorization_token: string;
    credentials?: unknown[];
}

export function TargetPanels({ item, changed }: PanelProps) {
    return (
        <>
            <p>
                <a href={href("sessions") + `?q=${encodeURIComponent(item.id)}`}>Sessions of this target</a>
            </p>
            {may(item, "authorize-session") && <Connect item={item} />}
            <Aliases item={item} changed={changed} />
            <Sources item={item} changed={changed} /> {/* last, because more lists have to come for it */}
        </>
    );
}

function Connect({ item }: { item: Item }) {
    const made = useSignal<Authorization | null>(null);
    const error = useSignal<ApiError | null>(null);
    const busy = useSignal(false);
    const shown = useSignal(false);
    const authorize = async () => {
        busy.value = true;
        error.value = null;
        try {
            made.value = await call<Authorization>("POST", pathOf("targets", item.id) + ":authorize-session", {});
        } catch (problem) {
            error.value = asError(problem);
        }
        busy.value = false;
    };
    const cluster = agent.value?.cluster;
    const address = cluster === undefined ? ` -addr ${location.origin}` : cluster.includes("/") ? ` -addr ${cluster}` : ` -cluster ${cluster}`;
    return (
        <section aria-label="Connect">
            <h2>Connect</h2>
            {agent.value && <ConnectHere target={item.id} />}
            <p>In a terminal{agent.value ? "" : ", once logged in there"}:</p>
            <Copy text={`agentctl connect${address} -target-id ${item.id}`} />
            <Copy text={`agentctl connect ssh${address} -target-id ${item.id}`} />
            <p>Or ask for a session now, and use its authorization token wherever you like:</p>
            <p>
                <button type="button" aria-disabled={busy.value} onClick={() => !busy.value && authorize()}>
                    Authorize a session
                </button>
            </p>
            <Problem error={error.value} />
            {made.value && (
                <div class="made">
                    <dl class="facts">
                        <Fact label="Session">
                            <a href={href("sessions", made.value.session_id)}>{made.value.session_id}</a>
                        </Fact>
                        <Fact label="Endpoint">{made.value.endpoint}</Fact>
                        <Fact label="Expires in">
                            <Until time={made.value.expiration} />
                        </Fact>
                    </dl>
                    <p>Run this, paste the token, press Enter and Ctrl-D:</p>
                    <Copy text="agentctl connect -authz-token -" />
                    <Copy text={made.value.authorization_token} label="Copy token" shown={shown.value ? made.value.authorization_token : "•".repeat(24)} />
                    <p>
                        <button type="button" class="link" onClick={() => (shown.value = !shown.value)}>
                            {shown.value ? "Hide the token" : "Show the token"}
                        </button>{" "}
                        <span class="dim">Whoever has it can connect.</span>
                    </p>
                </div>
            )}
        </section>
    );
}

function Sources(props: PanelProps) {
    const { item } = props;
    const [catalogs] = useLists(item.address ? [] : [["/v1/host-catalogs", { scope_id: item.scope_id }]], 20_000);
    if (catalogs && !catalogs.complete.value && !catalogs.problem.value) return null;
    const brokers = may(item, "add-credential-sources") || sourcesOf(item).length > 0;
    return (
        <>
            {catalogs && <HostSources {...props} catalogs={catalogs.items.value} />}
            {brokers && <CredentialSources {...props} />}
        </>
    );
}

const sourcesOf = (item: Item) => (Array.isArray(item.brokered_credential_sources) ? (item.brokered_credential_sources as ({ id: string; credential_store_id?: string } | null)[]).filter((one) => one !== null) : []);

function CredentialSources({ item, changed }: PanelProps) {
    const stores = useList("/v1/credential-stores", { scope_id: item.scope_id ?? "" }, 20_000);
    if (!stores.complete.value && !stores.problem.value) return null;
    const listed = stores.items.value.filter((store) => store.type === "static");
    const others = sourcesOf(item).filter((source) => !listed.some((store) => store.id === source.credential_store_id));
    return (
        <>
            {listed.map((store) => (
                <Relation
                    key={store.id}
                    title={`Brokered credentials from ${plainly(store.name ?? store.id, 60)}`}
                    item={item}
                    ids={sourcesOf(item).filter((source) => source.credential_store_id === store.id).map((source) => source.id)}
                    collection="targets"
                    others={[{ credential_store_id: store.id }]}
                    linked="credentials"
                    action="credential-sources"
                    member="brokered_credential_source_ids"
                    empty="None: a session gets no credentials from here."
                    changed={changed}
                />
            ))}
            {others.length > 0 && <p>Other brokered credentials: {others.map((source) => source.id).join(", ")}</p>}
        </>
    );
}

function HostSources({ item, changed, catalogs }: PanelProps & { catalogs: Item[] }) {
    return (
        <>
            {catalogs.length === 0 && <SourcesOf item={item} changed={changed} catalog={undefined} />}
            {catalogs.map((catalog) => (
                <SourcesOf key={catalog.id} item={item} changed={changed} catalog={catalog} />
            ))}
        </>
    );
}

function SourcesOf({ item, changed, catalog }: PanelProps & { catalog?: Item }) {
    const sources = (item.host_sources as { id: string; host_catalog_id?: string }[] | undefined) ?? [];
    const ids = sources.filter((source) => !catalog || source.host_catalog_id === catalog.id).map((source) => source.id);
    if (!catalog) return ids.length ? <p>Host sources: {ids.join(", ")}</p> : <Empty title="No address and no host sources: nobody can reach this target yet." />;
    return (
        <Relation
            title={`Host sources from ${plainly(catalog.name ?? catalog.id, 60)}`}
            item={item}
            ids={ids}
            collection="targets"
            others={[{ host_catalog_id: catalog.id }]}
            linked="host-sets"
            action="host-sources"
            member="host_source_ids"
            empty="None."
            changed={changed}
        />
    );
}

function Aliases({ item, changed }: PanelProps) {
    const aliases = (item.aliases as { id: string; value: string }[] | undefined) ?? [];
    const global = useScope("global").item.value;
    const canMake = (global === null || mayBelow(global, "aliases", "create")) && may(item, "update");
    const value = useSignal("");
    const error = useSignal<ApiError | null>(null);
    const make = async (event: Event) => {
        event.preventDefault();
        error.value = null;
        try {
            await call("POST", "/v1/aliases", { scope_id: "global", type: "target", value: value.value, destination_id: item.id });
            value.value = "";
            announce("Made the alias.");
            changed();
        } catch (problem) {
            error.value = asError(problem);
        }
    };
    if (aliases.length === 0 && !canMake) return null;
    return (
        <section aria-label="Aliases">
            <h2>Aliases</h2>
            <ul class="rows">
                {aliases.map((alias) => (
                    <li key={alias.id}>
                        <a href={href("aliases", alias.id)}>
                            <Name text={alias.value} />
                        </a>{" "}
                        <Id>{alias.id}</Id>
                    </li>
                ))}
            </ul>
            {canMake && (
                <form class="inline" onSubmit={make}>
                    <input type="text" aria-label="New alias" placeholder="db.shop.example" value={value.value} onInput={(event) => (value.value = event.currentTarget.value)} spellcheck={false} autocomplete="off" />
                    <button type="submit">Add alias</button>
                </form>
            )}
            <Problem error={error.value} />
        </section>
    );
}
