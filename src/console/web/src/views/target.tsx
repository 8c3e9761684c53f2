// A target's own panels: how to reach it, its host sources, its aliases.
import { useSignal } from "@preact/signals";
import { call, pathOf, type ApiError } from "../api/http";
import { useList } from "../api/live_list";
import { agent } from "../api/login";
import { useScope } from "../api/scopes";
import { may, mayBelow, type Item } from "../api/types";
import { asError, Problem } from "../ui/problem";
import { href } from "../ui/route";
import { Copy, Empty, Fact, Id, Name } from "../ui/text";
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
            {!item.address && <HostSources item={item} changed={changed} /> /* last, because more lists have to come for it */}
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

function HostSources({ item, changed }: PanelProps) {
    const scope = item.scope_id ?? "";
    const list = useList("/v1/host-catalogs", { scope_id: scope }, 20_000);
    if (!list.complete.value && !list.problem.value) return null;
    const catalogs = list.items.value;
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
            title={`Host sources from ${catalog.name ?? catalog.id}`}
            item={item}
            ids={ids}
            collection="targets"
            others={{ path: "/v1/host-sets", parameters: { host_catalog_id: catalog.id } }}
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
