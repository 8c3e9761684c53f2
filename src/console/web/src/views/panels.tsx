// What only one kind of resource has on its page, below what all have.
import { useSignal } from "@preact/signals";
import type { FunctionComponent } from "preact";
import { call, pathOf, type ApiError } from "../api/http";
import { useList } from "../api/live_list";
import { login } from "../api/login";
import { may, textsOf, type Item } from "../api/types";
import { kinds } from "../kinds/kinds";
import { asError, Problem } from "../ui/problem";
import { href } from "../ui/route";
import { Empty } from "../ui/text";
import { announce } from "../ui/toast";
import { AuthMethodPanels } from "./auth_method";
import { Relation } from "./relation";
import { Resources } from "./resources";
import { RolePanels } from "./role";
import { TargetPanels } from "./target";
import { UserAccounts } from "./user";
import { WorkerTags } from "./worker";

export interface PanelProps {
    item: Item;
    changed: (item?: Item) => void;
}

function HostCatalog({ item }: PanelProps) {
    const sets = useList("/v1/host-sets", { host_catalog_id: item.id }, 6000);
    return (
        <>
            <Resources kind={kinds["host-sets"]!} parent={item} />
            {(sets.complete.value || sets.problem.value) && <Resources kind={kinds["hosts"]!} parent={item} /> /* which the sets would push down */}
        </>
    );
}

const HostSet = ({ item, changed }: PanelProps) => (
    <Relation
        title="Hosts in this set"
        item={item}
        ids={(item.host_ids as string[] | undefined) ?? []}
        collection="host-sets"
        others={[{ host_catalog_id: String(item.host_catalog_id) }]}
        linked="hosts"
        action="hosts"
        member="host_ids"
        empty="No hosts yet: a target that uses this set leads nowhere."
        changed={changed}
    />
);

const Group = ({ item, changed }: PanelProps) => (
    <Relation
        title="Members"
        item={item}
        ids={textsOf(item.member_ids)}
        collection="groups"
        others={[{ scope_id: "global", recursive: true }]}
        linked="users"
        action="members"
        member="member_ids"
        empty="No members yet."
        changed={changed}
    />
);

/// Who is in it is for the identity provider to say.
const ManagedGroup = ({ item }: PanelProps) => (
    <section aria-label="Members">
        <h2>Members</h2>
        {textsOf(item.member_ids).length === 0 && <Empty title="None yet: people get into it when they log in." />}
        <ul class="rows">
            {textsOf(item.member_ids).map((id) => (
                <li key={id}>
                    <a href={href("accounts", id)}>{id}</a>
                </li>
            ))}
        </ul>
    </section>
);

const CredentialStore = ({ item }: PanelProps) => (item.type === "static" ? <Resources kind={kinds.credentials!} parent={item} /> : <p class="dim">This page shows the credentials of static stores only.</p>);

function Account({ item, changed }: PanelProps) {
    const own = login.value?.account_id === item.id;
    const action = may(item, "set-password") ? "set-password" : own && may(item, "change-password") ? "change-password" : "";
    if (!action) return null;
    return <PasswordForm key={action} item={item} action={action} changed={changed} />;
}

export function PasswordForm({ item, action, changed }: PanelProps & { action: string }) {
    const current = useSignal("");
    const next = useSignal("");
    const error = useSignal<ApiError | null>(null);
    const save = async (event: Event) => {
        event.preventDefault();
        error.value = null;
        const body = action === "set-password" ? { password: next.value } : { current_password: current.value, new_password: next.value };
        try {
            changed(await call<Item>("POST", pathOf("accounts", item.id) + ":" + action, { version: item.version, ...body }));
            current.value = next.value = "";
            announce("The password is changed.");
        } catch (problem) {
            error.value = asError(problem);
            changed(); // the version may have moved on
        }
    };
    return (
        <section aria-label="Password">
            <h2>{action === "set-password" ? "Set a new password" : "Change the password"}</h2>
            <form class="edit" onSubmit={save}>
                {action === "change-password" && (
                    <div class="field">
                        <label for="current-password">Present password</label>
                        <input id="current-password" type="password" autocomplete="current-password" value={current.value} onInput={(event) => (current.value = event.currentTarget.value)} />
                    </div>
                )}
                <div class="field">
                    <label for="new-password">New password</label>
                    <input id="new-password" type="password" autocomplete="new-password" value={next.value} onInput={(event) => (next.value = event.currentTarget.value)} />
                </div>
                <Problem error={error.value} />
                <div class="buttons">
                    <button type="submit" class="primary">
                        Set password
                    </button>
                </div>
            </form>
        </section>
    );
}

const User = ({ item, changed }: PanelProps) => (
    <>
        <p>
            <a href={href("sessions") + `?q=${encodeURIComponent(item.id)}`}>Sessions of this user</a>
        </p>
        <UserAccounts item={item} changed={changed} />
    </>
);

export const panels: Record<string, FunctionComponent<PanelProps>> = {
    targets: TargetPanels,
    "host-catalogs": HostCatalog,
    "host-sets": HostSet,
    "auth-methods": AuthMethodPanels,
    "managed-groups": ManagedGroup,
    accounts: Account,
    users: User,
    groups: Group,
    roles: RolePanels,
    "credential-stores": CredentialStore,
    workers: WorkerTags,
};
