// Asks the agent on this machine for a proxy to a target.
import { useSignal } from "@preact/signals";
import type { Proxy } from "../api/agent";
import { call, type ApiError } from "../api/http";
import { asError, Problem } from "../ui/problem";
import { href } from "../ui/route";
import { Copy } from "../ui/text";

export function ConnectHere({ target, onConnected }: { target: string; onConnected?: () => void }) {
    const address = useSignal("");
    const error = useSignal<ApiError | null>(null);
    const busy = useSignal(false);
    const connect = async () => {
        if (busy.value) return;
        busy.value = true;
        error.value = null;
        try {
            const answer = await call<{ proxy: Proxy }>("POST", "/agent/connect", { target });
            address.value = answer.proxy.port ? `${answer.proxy.address}:${answer.proxy.port}` : (answer.proxy.socket_path ?? "");
            onConnected?.();
        } catch (problem) {
            error.value = asError(problem);
        }
        busy.value = false;
    };
    return (
        <div>
            <p>
                <button type="button" class="primary" aria-disabled={busy.value} onClick={connect}>
                    {busy.value ? "Connecting…" : "Connect on this machine"}
                </button>
            </p>
            {address.value && (
                <>
                    <p>
                        Listening; see <a href={href("proxies")}>proxies</a>:
                    </p>
                    <Copy text={address.value} />
                </>
            )}
            <Problem error={error.value} />
        </div>
    );
}
