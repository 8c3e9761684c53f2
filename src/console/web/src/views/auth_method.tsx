// An auth method's own panels: whether it is the primary one, its state, who logs in by it.
import { useSignal } from "@preact/signals";
import { call, pathOf, type ApiError } from "../api/http";
import { refreshLists, useList } from "../api/live_list";
import { useScope } from "../api/scopes";
import { may, mayBelow, member } from "../api/types";
import { kinds } from "../kinds/kinds";
import { asError, Problem } from "../ui/problem";
import { announce } from "../ui/toast";
import type { PanelProps } from "./panels";
import { relate } from "./relation";
import { Resources } from "./resources";

const states: Record<string, string> = { inactive: "inactive: nobody can log in by it", "active-private": "active-private: only who knows its id", "active-public": "active-public: everybody is offered it" };

export function AuthMethodPanels(props: PanelProps) {
    const { item } = props;
    const hasGroups = item.type !== "password" && mayBelow(item, "managed-groups", "list");
    const hasAccounts = mayBelow(item, "accounts", "list");
    const accounts = useList("/v1/accounts", { auth_method_id: item.id }, 6000);
    return (
        <>
            <Primary {...props} />
            {may(item, "change-state") && <State key={String(member(item, "attributes.state"))} {...props} />}
            {hasAccounts && <Resources kind={kinds.accounts!} parent={item} />}
            {hasGroups && (accounts.complete.value || accounts.problem.value) && <Resources kind={kinds["managed-groups"]!} parent={item} /> /* which the accounts would push down */}
        </>
    );
}

function Primary({ item, changed }: PanelProps) {
    const scope = useScope(item.scope_id ?? "").item;
    const error = useSignal<ApiError | null>(null);
    const choose = async () => {
        error.value = null;
        try {
            const path = pathOf("scopes", item.scope_id!);
            const { version } = await call("GET", path);
            await call("PATCH", path, { version, primary_auth_method_id: item.id });
            refreshLists("auth-methods");
            announce("It is the primary auth method now.");
            changed();
        } catch (problem) {
            error.value = asError(problem);
        }
    };
    return (
        <>
            <p class="action">
                {item.is_primary ? "This is its scope's primary auth method: who logs in without naming one uses it." : "This is not its scope's primary auth method."}{" "}
                {!item.is_primary && may(scope.value, "update") && (
                    <button type="button" onClick={choose}>
                        Make it primary
                    </button>
                )}
            </p>
            <Problem error={error.value} />
        </>
    );
}

function State({ item, changed }: PanelProps) {
    const chosen = useSignal(String(member(item, "attributes.state") ?? ""));
    const error = useSignal<ApiError | null>(null);
    const change = async (event: Event) => {
        event.preventDefault();
        error.value = null;
        try {
            changed(await relate("auth-methods", item, "change-state", { attributes: { state: chosen.value } }));
            announce("Its state is changed.");
        } catch (problem) {
            error.value = asError(problem);
        }
    };
    return (
        <>
            <form class="inline" onSubmit={change}>
                <select aria-label="State" value={chosen.value} onChange={(event) => (chosen.value = event.currentTarget.value)}>
                    {Object.entries(states).map(([state, words]) => (
                        <option key={state} value={state}>
                            {words}
                        </option>
                    ))}
                </select>
                <button type="submit">Change state</button>
            </form>
            <Problem error={error.value} />
        </>
    );
}
