// One session: what it is, how it came here, what it carries, and its end.
import { useSignal } from "@preact/signals";
import { pathOf } from "../api/http";
import { useItem } from "../api/live_item";
import { login, suspectLogin } from "../api/login";
import { useNames } from "../api/names";
import { sum } from "../api/traffic";
import { live, may, over, type Connection, type Session } from "../api/types";
import { useKeys } from "../ui/keys";
import { Problem } from "../ui/problem";
import { href } from "../ui/route";
import { Empty, Fact, Id, Name, Status } from "../ui/text";
import { Ago, bytes, exact, figure, Until } from "../ui/time";
import { CancelDialog } from "./cancel_dialog";
import { Chart, type Sample } from "./chart";
import { Timeline } from "./timeline";

const samples_kept = 120;

export function SessionView({ id }: { id: string }) {
    const samples = useSignal<Sample[]>([]);
    const canceling = useSignal(false);
    const names = useNames();
    const current = useItem<Session>(pathOf("sessions", id), 1500, (read) => {
        const all = sum(read.connections);
        const before = samples.value.at(-1);
        const quiet = read.status === "terminated" && before && before.up === all.up && before.down === all.down;
        if (!quiet) samples.value = [...samples.value.slice(-samples_kept + 1), { at: Date.now(), up: all.up, down: all.down }];
    });
    const session = current.item.value;
    const problem = current.problem.value;
    const cancelable = session !== null && live(session) && may(session, "cancel");
    if (problem?.status === 403) suspectLogin();
    useKeys({ c: () => cancelable && (canceling.value = true) });
    const all = sum(session?.connections);
    return (
        <article>
            <p class="crumbs">
                <a href={href("sessions")}>Sessions</a>
            </p>
            <div class="bar">
                <h1>
                    <code>{id}</code>
                </h1>
                {session && <Status status={session.status} />}
                <span class="grow" />
                {session && may(session, "cancel") && (
                    <button type="button" class="danger" disabled={!cancelable} onClick={() => (canceling.value = true)}>
                        Cancel session…
                    </button>
                )}
            </div>
            {problem?.status === 404 ? (
                <Empty title="This session is no longer there.">
                    <p>
                        Sessions are forgotten about an hour after they end. <a href={href("sessions")}>All sessions</a>
                    </p>
                </Empty>
            ) : (
                <Problem error={problem} />
            )}
            {session && problem?.status !== 404 && (
                <>
                    <dl class="facts">
                        <Fact label="Target">
                            <a href={href("targets", session.target_id ?? "")}>
                                <Name text={names.of(session.target_id) || session.target_id} />
                            </a>
                        </Fact>
                        <Fact label="User">
                            <Name text={`${names.of(session.user_id) || session.user_id}${session.user_id === login.value?.user_id ? " (you)" : ""}`} />
                        </Fact>
                        <Fact label="Endpoint">
                            <Name text={session.endpoint} />
                        </Fact>
                        <Fact label="Scope">
                            <Name text={session.scope?.name ?? session.scope_id} />
                        </Fact>
                        <Fact label="Started">
                            <Ago time={session.created_time} />
                        </Fact>
                        <Fact label={over(session) ? "Ended" : "Expires in"}>{over(session) ? session.termination_reason || "yes" : <Until time={session.expiration_time} />}</Fact>
                        <Fact label="Connections">
                            {`${all.open} open, ${all.total} in all`}
                        </Fact>
                        <Fact label="Bytes">
                            <span class="figure">{`↑ ${bytes(all.up)}`}</span> <span class="figure">{`↓ ${bytes(all.down)}`}</span>
                        </Fact>
                    </dl>
                    <Timeline states={session.states ?? []} reason={session.termination_reason} />
                    <Chart samples={samples.value} />
                    <Connections connections={session.connections ?? []} pending={session.status === "pending"} />
                    <p class="dim">
                        Authorized with <Id>{session.auth_token_id}</Id>
                        {session.auth_token_id && session.auth_token_id === login.value?.token_id && " (your present login: logging out ends this session)"}; expires {exact(session.expiration_time)}.
                    </p>
                </>
            )}
            {canceling.value && session && (
                <CancelDialog
                    sessions={[session]}
                    names={names}
                    onClose={(changed) => {
                        canceling.value = false;
                        for (const one of changed) current.item.value = { ...one, connections: one.connections ?? session.connections };
                        current.reload();
                    }}
                />
            )}
        </article>
    );
}

function Connections({ connections, pending }: { connections: Connection[]; pending: boolean }) {
    const shown = connections.slice(0, 200);
    return (
        <section aria-label="Connections">
            <h2>Connections</h2>
            {connections.length === 0 ? (
                <Empty title={pending ? "Nobody has connected yet." : "There was no connection."}>{pending && <p>The first one makes this session active.</p>}</Empty>
            ) : (
                <table class="data" aria-label="Connections">
                    <thead>
                        <tr>
                            <th scope="col">Client</th>
                            <th scope="col" class="level-2">
                                Endpoint
                            </th>
                            <th scope="col" class="w-time number">
                                Bytes ↑
                            </th>
                            <th scope="col" class="w-time number">
                                Bytes ↓
                            </th>
                            <th scope="col" class="w-name">
                                State
                            </th>
                        </tr>
                    </thead>
                    <tbody>
                        {shown.map((one, index) => (
                            <tr key={connections.length - index}>
                                <td>
                                    <code>{one.client_tcp_address ? `${one.client_tcp_address}:${one.client_tcp_port ?? ""}` : "–"}</code>
                                </td>
                                <td class="level-2">
                                    <code>{one.endpoint_tcp_address ? `${one.endpoint_tcp_address}:${one.endpoint_tcp_port ?? ""}` : "–"}</code>
                                </td>
                                <td class="number">{figure(bytes(Number(one.bytes_up ?? 0)), 6)}</td>
                                <td class="number">{figure(bytes(Number(one.bytes_down ?? 0)), 6)}</td>
                                <td>{one.closed_reason ? <span class="dim">{one.closed_reason === "unknown" ? "closed" : `closed: ${one.closed_reason}`}</span> : <Status status="open" />}</td>
                            </tr>
                        ))}
                    </tbody>
                </table>
            )}
            {connections.length > shown.length && <p class="dim">and {connections.length - shown.length} older ones</p>}
        </section>
    );
}
