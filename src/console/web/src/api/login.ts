// Whose eyes the page has. On a controller's own address the page logs in itself and keeps the
// token in this tab only (sessionStorage); behind `agentctl console` the agent holds the login and
// the page never sees a token.
import { computed, signal } from "@preact/signals";
import { ApiError, call, goneHint, loginEnded, pathOf, useToken } from "./http";
import { forgetLists } from "./live_list";

export interface Login {
    token_id: string;
    user_id: string;
    account_id?: string;
    auth_method_id?: string;
    expiration_time?: string;
    login_name?: string;
}

export interface AgentInfo {
    version: string;
    cluster: string; // the controller's address
    login: Login | null;
}

export const mode = signal<"starting" | "direct" | "agent">("starting");
export const agent = signal<AgentInfo | null>(null);
export const login = signal<Login | null>(null);
export const loggedIn = computed(() => login.value !== null);
/// Grows when another user looks: views start afresh.
export const epoch = signal(0);

const key = "boundary-console-login";

function adopt(next: Login | null) {
    const other = next?.user_id !== login.value?.user_id;
    login.value = next;
    loginEnded.value = false;
    if (other) {
        forgetLists();
        epoch.value += 1;
    }
}

async function askAgent(): Promise<AgentInfo | null> {
    try {
        return await call<AgentInfo>("GET", "/agent/status");
    } catch (problem) {
        if (problem instanceof ApiError && problem.status === 404) return null; // a controller's own address
        throw problem;
    }
}

function serveAgent(info: AgentInfo) {
    useToken("");
    agent.value = info;
    goneHint.value = "This console has ended: it does so when nobody uses it. Run `agentctl console` again.";
    adopt(info.login);
    mode.value = "agent";
}

function keptLogin(): (Login & { token: string }) | null {
    try {
        return JSON.parse(sessionStorage.getItem(key) ?? "null");
    } catch {
        return null;
    }
}

export async function start() {
    const kept = keptLogin();
    if (kept) { // only a controller's own page keeps one: the view need not wait to hear that
        const { token, ...rest } = kept;
        useToken(token);
        adopt(rest);
        mode.value = "direct";
        void refreshLogin();
        void askAgent().then((info) => info && serveAgent(info), () => {}); // another program may have its port by now
        return;
    }
    const info = await askAgent();
    if (info) serveAgent(info);
    else mode.value = "direct";
}

export async function logIn(authMethod: string, loginName: string, password: string) {
    if (mode.value === "agent") {
        const info = await call<AgentInfo>("POST", "/agent/login", { auth_method_id: authMethod, login_name: loginName, password });
        agent.value = info;
        adopt(info.login && { ...info.login, login_name: loginName });
        return;
    }
    useToken("");
    const reply = await call("POST", pathOf("auth-methods", authMethod) + ":authenticate", { attributes: { login_name: loginName, password }, command: "login" });
    const { token, id, user_id, account_id, auth_method_id, expiration_time } = reply.attributes;
    const next: Login = { token_id: id, user_id, account_id, auth_method_id, expiration_time, login_name: loginName };
    useToken(token);
    sessionStorage.setItem(key, JSON.stringify({ ...next, token }));
    adopt(next);
}

/// Reading one's own token is the only liveness check there is; anything but 200 means: log in
/// again.
export async function refreshLogin() {
    const current = login.value;
    if (!current) return;
    if (mode.value === "agent") { // somebody may have logged in anew in a terminal
        try {
            const info = await call<AgentInfo>("GET", "/agent/status");
            agent.value = info;
            if (info.login) adopt({ ...info.login, login_name: current.user_id === info.login.user_id ? current.login_name : undefined });
            else loginEnded.value = true;
        } catch {
            // nobody there to ask
        }
        return;
    }
    try {
        const read = await call("GET", pathOf("auth-tokens", current.token_id));
        login.value = { ...current, expiration_time: read.expiration_time ?? current.expiration_time };
    } catch (problem) {
        if (problem instanceof ApiError && [401, 403, 404].includes(problem.status)) loginEnded.value = true;
    }
}

export async function logOut() {
    const current = login.value;
    if (mode.value === "agent") {
        await call("POST", "/agent/logout", {});
    } else if (current) {
        try {
            await call("DELETE", pathOf("auth-tokens", current.token_id));
        } catch (problem) {
            if (!(problem instanceof ApiError) || ![401, 403, 404].includes(problem.status)) throw problem; // gone already is fine
        }
    }
    forgetLogin();
}

export function forgetLogin() {
    sessionStorage.removeItem(key);
    useToken("");
    adopt(null);
}

// A 403 on a list may mean "may not" or "the login is dead" (recursive lists say only that): find
// out, at most every few seconds.
let checked = 0;
export function suspectLogin() {
    if (Date.now() - checked < 5000) return;
    checked = Date.now();
    void refreshLogin();
}
