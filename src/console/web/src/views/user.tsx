// A user's accounts: the ones there are, others to add, and a new one made and added in one step.
import { useSignal } from "@preact/signals";
import { call, type ApiError } from "../api/http";
import { refreshLists, useList } from "../api/live_list";
import { may, textsOf, type Item } from "../api/types";
import { asError, Problem } from "../ui/problem";
import { announce } from "../ui/toast";
import type { PanelProps } from "./panels";
import { relate, Relation } from "./relation";

export function UserAccounts({ item, changed }: PanelProps) {
    const list = useList("/v1/auth-methods", { scope_id: "global", recursive: true }, 30_000);
    const methods = list.items.value;
    const method = methods.find((one) => one.type === "password" && one.scope_id === item.scope_id) ?? methods.find((one) => one.type === "password");
    const own = methods.filter((one) => one.scope_id === item.scope_id);
    const usable = own.length ? own : methods;
    const ids = textsOf(item.account_ids);
    if (!may(item, "add-accounts") && ids.length === 0) return null;
    if (!list.complete.value && !list.problem.value) return null;
    if (!method) return <p class="dim">Accounts: {ids.join(", ") || "none"}</p>;
    return (
        <>
            <Relation
                title="Accounts"
                item={item}
                ids={ids}
                collection="users"
                others={usable.map((one) => ({ auth_method_id: one.id }))}
                linked="accounts"
                action="accounts"
                member="account_ids"
                empty="No account yet: this user cannot log in."
                changed={changed}
            />
            {may(item, "add-accounts") && <NewAccount item={item} method={method} changed={changed} />}
        </>
    );
}

function NewAccount({ item, method, changed }: PanelProps & { method: Item }) {
    const name = useSignal("");
    const password = useSignal("");
    const error = useSignal<ApiError | null>(null);
    const make = async (event: Event) => {
        event.preventDefault();
        error.value = null;
        try {
            const account = await call<Item>("POST", "/v1/accounts", { auth_method_id: method.id, type: "password", attributes: { login_name: name.value, password: password.value } });
            refreshLists("accounts");
            changed(await relate("users", item, "add-accounts", { account_ids: [account.id] }));
            name.value = password.value = "";
            announce("The user can log in by that account now.");
        } catch (problem) {
            error.value = asError(problem);
        }
    };
    return (
        <details>
            <summary>New account for this user</summary>
            <form class="edit" onSubmit={make}>
                <div class="field">
                    <label for="account-name">Login name</label>
                    <input id="account-name" type="text" autocomplete="off" spellcheck={false} value={name.value} onInput={(event) => (name.value = event.currentTarget.value)} />
                </div>
                <div class="field">
                    <label for="account-password">Password</label>
                    <input id="account-password" type="password" autocomplete="new-password" value={password.value} onInput={(event) => (password.value = event.currentTarget.value)} />
                </div>
                <Problem error={error.value} />
                <div class="buttons">
                    <button type="submit" class="primary">
                        Make account
                    </button>
                </div>
            </form>
        </details>
    );
}
