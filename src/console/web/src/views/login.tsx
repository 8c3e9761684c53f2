// Logging in: as the whole page when nobody is, as a dialog above the page when a login has ended, so that nothing typed is lost.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { call, loginEnded, query, type ApiError } from "../api/http";
import { agent, forgetLogin, login, logIn, mode } from "../api/login";
import type { Item } from "../api/types";
import { Dialog } from "../ui/dialog";
import { asError, Problem } from "../ui/problem";
import { plainly } from "../ui/text";

export function LoginForm() {
    const methods = useSignal<Item[] | null>(null);
    const method = useSignal("");
    const name = useSignal(login.value?.login_name ?? "");
    const password = useSignal("");
    const error = useSignal<ApiError | null>(null);
    const busy = useSignal(false);
    const load = async () => {
        error.value = null;
        try {
            const answer = await call<{ items?: Item[] } | null>("GET", "/v1/auth-methods" + query({ scope_id: "global", recursive: true }));
            const usable = (answer?.items ?? []).filter((one) => one.type === "password");
            methods.value = usable;
            method.value = (usable.find((one) => one.id === login.value?.auth_method_id) ?? usable.find((one) => one.is_primary) ?? usable[0])?.id ?? "";
        } catch (problem) {
            error.value = asError(problem);
        }
    };
    useEffect(() => void load(), []);
    const submit = async (event: Event) => {
        event.preventDefault();
        if (busy.value) return;
        busy.value = true;
        error.value = null;
        try {
            if (!method.value) await load(); // pressed before they came
            if (method.value) await logIn(method.value, name.value, password.value);
        } catch (problem) {
            error.value = asError(problem);
            password.value = "";
        }
        busy.value = false;
    };
    return (
        <form class="login" onSubmit={submit}>
            {(methods.value?.length ?? 0) > 1 && (
                <div class="field">
                    <label for="login-method">Auth method</label>
                    <select id="login-method" value={method.value} onChange={(event) => (method.value = event.currentTarget.value)}>
                        {methods.value!.map((one) => (
                            <option key={one.id} value={one.id}>
                                {plainly(one.name ?? one.id, 60)} · {plainly(one.scope?.name ?? one.scope_id ?? "", 60)}
                            </option>
                        ))}
                    </select>
                </div>
            )}
            <div class="field">
                <label for="login-name">Login name</label>
                <input id="login-name" name="username" type="text" autocomplete="username" autoCapitalize="none" spellcheck={false} required value={name.value} onInput={(event) => (name.value = event.currentTarget.value)} />
            </div>
            <div class="field">
                <label for="login-password">Password</label>
                <input id="login-password" name="password" type="password" autocomplete="current-password" required value={password.value} onInput={(event) => (password.value = event.currentTarget.value)} />
            </div>
            {methods.value?.length === 0 && <p class="problem">This controller shows no password auth method. Log in by `agentctl authenticate`, then open `agentctl console`.</p>}
            <Problem error={error.value} />
            <div class="buttons">
                <button type="submit" class="primary" aria-disabled={busy.value}>
                    {busy.value ? "Logging in…" : "Log in"}
                </button>
            </div>
        </form>
    );
}

export function LoginPage() {
    return (
        <main class="door">
            <h1>Boundary console</h1>
            <p class="dim">{mode.value === "agent" ? agent.value?.cluster : location.host}</p>
            <LoginForm />
            {mode.value === "agent" && (
                <p>
                    Or in a terminal: <code>agentctl authenticate</code>
                </p>
            )}
        </main>
    );
}

export function LoginDialog() {
    if (!loginEnded.value || !login.value) return null;
    return (
        <Dialog title="Your login has ended">
            <p>Log in again to go on where you were; nothing that you typed is lost.</p>
            <LoginForm />
            <p>
                <button type="button" class="link" onClick={forgetLogin}>
                    Log in as somebody else
                </button>
            </p>
        </Dialog>
    );
}
