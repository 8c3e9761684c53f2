// The agent's own part, behind `agentctl console` only: its proxies on this machine.
import { signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Proxy, WhyReply } from "../api/agent";
import { ApiError, call } from "../api/http";
import { useNames } from "../api/names";
import { poll, type Poll } from "../api/poller";
import { Dialog } from "../ui/dialog";
import { asError, Problem } from "../ui/problem";
import { href } from "../ui/route";
import { Copy, Empty, Name, Status } from "../ui/text";
import { TargetChoice } from "../ui/target_choice";
import { Ago, bytes, Until } from "../ui/time";
import { announce } from "../ui/toast";
import { ConnectHere } from "./connect_here";

const proxies = signal<Proxy[] | null>(null);

export function Proxies() {
    const names = useNames();
    const error = useSignal<ApiError | null>(null);
    const target = useSignal("");
    const why = useSignal<WhyReply | null>(null);
    const running = useSignal<Poll | null>(null);
    useEffect(() => {
        const polling = poll(1500, async () => {
            const answer = await call<{ items: Proxy[] }>("GET", "/agent/proxies");
            if (JSON.stringify(answer.items) !== JSON.stringify(proxies.peek())) proxies.value = answer.items;
        });
        running.value = polling;
        return () => polling.stop();
    }, []);
    const disconnect = async (name: string) => {
        error.value = null;
        try {
            await call("POST", "/agent/disconnect", { name });
            announce(`Disconnected ${name}.`);
        } catch (problem) {
            error.value = asError(problem);
        }
        running.value?.kick();
    };
    const explain = async (name: string) => {
        error.value = null;
        try {
            why.value = await call<WhyReply>("POST", "/agent/why", { name });
        } catch (problem) {
            error.value = asError(problem);
        }
    };
    const all = proxies.value ?? [];
    return (
        <section aria-label="Proxies on this machine">
            <div class="bar">
                <h1>Proxies on this machine</h1>
                <span class="count">{proxies.value ? all.length : "…"}</span>
            </div>
            <Problem error={error.value} />
            {all.map((proxy) => (
                <div class="card" key={proxy.name}>
                    <div class="bar">
                        <h2>
                            <Name text={proxy.name} />
                        </h2>
                        <Status status={proxy.state} />
                        <span class="grow" />
                        <button type="button" onClick={() => explain(proxy.name)} aria-label={`Why is ${proxy.name} ${proxy.state}?`}>
                            Why?
                        </button>
                        <button type="button" class="danger" onClick={() => disconnect(proxy.name)} aria-label={`Disconnect ${proxy.name}`}>
                            Disconnect
                        </button>
                    </div>
                    {proxy.reason && <p>{proxy.reason}</p>}
                    <Copy text={proxy.port ? `${proxy.address}:${proxy.port}` : (proxy.socket_path ?? "")} />
                    <p>
                        <span class="figure">{`${proxy.connections_open} open, ${proxy.connections_total} in all`}</span> <span class="figure">{`↑ ${bytes(proxy.bytes_up)}`}</span> <span class="figure">{`↓ ${bytes(proxy.bytes_down)}`}</span>
                    </p>
                    <p>
                        To <Name text={names.of(proxy.target_id) || proxy.target_id} fallback=" " /> <bdi class="dim">{proxy.endpoint}</bdi>
                        {proxy.session_id && (
                            <>
                                {" "}
                                · session <a href={href("sessions", proxy.session_id)}>{proxy.session_id}</a>
                            </>
                        )}
                        {proxy.expiration && (
                            <>
                                {" "}
                                · expires in <Until time={proxy.expiration} />
                            </>
                        )}
                    </p>
                    {proxy.last_failure && (
                        <p class="warn">
                            {proxy.connections_failed} failed, the last: <bdi>{proxy.last_failure}</bdi>
                        </p>
                    )}
                </div>
            ))}
            {proxies.value && all.length === 0 && <Empty title="No proxy is running.">Choose a target and connect: you get an address on this machine that leads there.</Empty>}
            <h2>Connect</h2>
            <div class="inline">
                <label for="connect-target">Target</label>
                <TargetChoice id="connect-target" value={target.value} onChange={(id) => (target.value = id)} />
            </div>
            {target.value && <ConnectHere key={target.value} target={target.value} onConnected={() => running.value?.kick()} />}
            {why.value && (
                <Dialog title={`Why: ${why.value.name}`} onClose={() => (why.value = null)} wide>
                    <p>
                        <Status status={why.value.state} /> since <Ago time={why.value.since} />
                    </p>
                    <p>{why.value.explanation}</p>
                    {why.value.next_step && (
                        <p>
                            <strong>Next:</strong> {why.value.next_step}
                        </p>
                    )}
                    <ol class="history">
                        {why.value.history.slice(-20).map((event) => (
                            <li key={event.time + event.message}>
                                <Ago time={event.time} /> <bdi>{event.message}</bdi>
                            </li>
                        ))}
                    </ol>
                    <div class="buttons">
                        <button type="button" onClick={() => (why.value = null)}>
                            Close
                        </button>
                    </div>
                </Dialog>
            )}
        </section>
    );
}
