// The sessions of a scope, live. Terminated ones are always asked for, because a session that ends would otherwise
// vanish from a refresh without a word (the API leaves it out of both the items and the removed ids); they are hidden here.
import { useSignal } from "@preact/signals";
import { useMemo, useRef } from "preact/hooks";
import { useList } from "../api/live_list";
import { login, suspectLogin } from "../api/login";
import { useNames } from "../api/names";
import { chosenScope } from "../api/scopes";
import { live, may, over, type Session } from "../api/types";
import { focusedRow, focusSearch, useKeys } from "../ui/keys";
import { Problem } from "../ui/problem";
import { href, route, setQuery } from "../ui/route";
import { Table, type Column } from "../ui/table";
import { Empty, Name, Status } from "../ui/text";
import { Ago, bytes, figure, Until } from "../ui/time";
import { useTraffic } from "../api/traffic";
import { CancelDialog } from "./cancel_dialog";

const states = ["pending", "active", "canceling", "terminated"];

export function Sessions() {
    const list = useList("/v1/sessions", { scope_id: chosenScope.value, recursive: true, include_terminated: true }, 2500);
    const names = useNames();
    const selected = useSignal(new Set<string>());
    const canceling = useSignal<string[]>([]);
    const visible = useRef<Session[]>([]);
    const traffic = useTraffic(() => visible.current);
    const query = route.value.query;
    const text = (query.get("q") ?? "").toLowerCase();
    const status = query.get("status") ?? "";
    const ended = query.get("ended") === "1" || status === "terminated";
    const mine = query.get("mine") === "1";

    const all = list.items.value as Session[];
    const rows = useMemo(
        () =>
            all.filter((one) => {
                if (status ? one.status !== status : !ended && over(one)) return false;
                if (mine && one.user_id !== login.value?.user_id) return false;
                if (!text) return true;
                return [one.id, one.endpoint, one.target_id, one.user_id, one.status, names.of(one.target_id), names.of(one.user_id), one.scope?.name, one.termination_reason].some((word) => word?.toLowerCase().includes(text));
            }),
        [all, text, status, ended, mine, names.stamp],
    );
    const problem = list.problem.value;
    if (problem?.status === 403) suspectLogin();

    const cancelable = (one: Session) => live(one) && may(one, "cancel");
    const chosen = [...selected.value].filter((id) => {
        const session = list.find(id) as Session | undefined;
        return session && cancelable(session);
    });
    const cancel = () => {
        const ids = chosen.length ? chosen : [focusedRow()].filter((id) => {
            const session = list.find(id) as Session | undefined;
            return session && cancelable(session);
        });
        if (ids.length) canceling.value = ids;
    };
    const select = () => {
        const id = focusedRow();
        const session = list.find(id) as Session | undefined;
        if (!session || !cancelable(session)) return;
        const next = new Set(selected.value);
        next.has(id) ? next.delete(id) : next.add(id);
        selected.value = next;
    };
    useKeys({ "/": focusSearch, x: select, c: cancel, Escape: () => (selected.value = new Set()) });

    const columns: Column<Session>[] = [
        { title: "Session", cell: (s) => <code>{s.id}</code>, width: "id" },
        { title: "Status", cell: (s) => <Status status={s.status} />, width: "status" },
        { title: "Target", cell: (s) => <Name text={names.of(s.target_id) || s.target_id} /> },
        { title: "User", cell: (s) => <Name text={s.user_id === login.value?.user_id ? `${names.of(s.user_id) || "you"}` : names.of(s.user_id) || s.user_id} />, level: 2, width: "user" },
        { title: "Endpoint", cell: (s) => <Name text={s.endpoint?.replace(/^tcp:\/\//, "")} />, level: 5, width: "name" },
        { title: "Started", cell: (s) => <Ago time={s.created_time} />, level: 2, width: "time" },
        { title: "Expires in", cell: (s) => (over(s) ? <span class="dim">{s.termination_reason || "over"}</span> : <Until time={s.expiration_time} />), level: 3, width: "time" },
        { title: "Conns", cell: (s) => figure(traffic.of(s.id)?.open ?? "–", 3), level: 2, width: "short", number: true },
        { title: "Bytes ↑ ↓", cell: (s) => <TrafficCell of={traffic.of(s.id)} />, level: 4, width: "bytes", number: true },
    ];
    const filtered = text || status || mine;
    const hidden = all.length - rows.length;
    return (
        <section aria-label="Sessions">
            <div class="bar">
                <h1>Sessions</h1>
                <span class="count">{rows.length.toLocaleString()}{list.complete.value ? "" : "…"}</span>
                <input type="search" placeholder="Search  ( / )" aria-label="Search sessions: id, target, user, endpoint" value={query.get("q") ?? ""} onInput={(event) => setQuery({ q: event.currentTarget.value, page: "" })} />
                <select aria-label="Status" value={status} onChange={(event) => setQuery({ status: event.currentTarget.value, page: "" })}>
                    <option value="">any status</option>
                    {states.map((one) => (
                        <option key={one}>{one}</option>
                    ))}
                </select>
                <label class="tick">
                    <input type="checkbox" checked={ended} disabled={status === "terminated"} onChange={(event) => setQuery({ ended: event.currentTarget.checked ? "1" : "", page: "" })} />
                    ended too
                </label>
                <label class="tick">
                    <input type="checkbox" checked={mine} onChange={(event) => setQuery({ mine: event.currentTarget.checked ? "1" : "", page: "" })} />
                    mine
                </label>
                <span class="grow" />
                <button type="button" class="danger" disabled={chosen.length === 0} onClick={cancel}>
                    Cancel{chosen.length ? ` ${chosen.length}` : ""}…
                </button>
            </div>
            <Problem error={problem} />
            {!problem && (
                <Table
                    label="Sessions"
                    rows={rows}
                    columns={columns}
                    id={(s) => s.id}
                    link={(s) => href("sessions", s.id)}
                    selected={selected}
                    selectable={cancelable}
                    onPage={(page) => (visible.current = page)}
                    busy={!list.complete.value}
                >
                    {list.complete.value && (
                        <Empty title={filtered ? "No session fits." : "No sessions are running."}>
                            {filtered ? (
                                <button type="button" class="link" onClick={() => setQuery({ q: "", status: "", mine: "", page: "" })}>
                                    Show all
                                </button>
                            ) : (
                                <p>
                                    Connect to a <a href={href("targets")}>target</a>, and its session appears here by itself.
                                    {hidden > 0 && ` ${hidden.toLocaleString()} ended in the last hour: tick “ended too”.`}
                                </p>
                            )}
                        </Empty>
                    )}
                </Table>
            )}
            {canceling.value.length > 0 && (
                <CancelDialog
                    sessions={canceling.value.map((id) => (list.find(id) as Session | undefined) ?? { id })}
                    names={names}
                    onClose={(changed) => {
                        canceling.value = [];
                        selected.value = new Set();
                        for (const session of changed) list.put(session);
                        list.refresh();
                    }}
                />
            )}
        </section>
    );
}

function TrafficCell({ of }: { of?: { up: number; down: number } }) {
    if (!of) return <>{`${figure("–", 6)} ${figure("–", 6)}`}</>;
    return <>{`${figure(bytes(of.up), 6)} ${figure(bytes(of.down), 6)}`}</>;
}
