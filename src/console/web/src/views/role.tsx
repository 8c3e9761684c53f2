// A role's own panels: what it grants, where, and to whom.
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { useList } from "../api/live_list";
import { useScopes } from "../api/scopes";
import { textsOf } from "../api/types";
import { kinds } from "../kinds/kinds";
import { href } from "../ui/route";
import { Id, Name, plainly } from "../ui/text";
import { grantHint, GrantHelp } from "./grant_help";
import type { PanelProps } from "./panels";
import { Relation } from "./relation";
import { Values } from "./values";

export const RolePanels = (props: PanelProps) => (
    <>
        <Grants {...props} />
        <GrantScopes {...props} />
        <Principals {...props} linked="users" prefix="u_" empty="No user has this role by name." />
        <Principals {...props} linked="groups" prefix="g_" empty="No group has this role." />
        <ManagedGroups {...props} /> {/* last, because more lists have to come for it */}
    </>
);

function Grants({ item, changed }: PanelProps) {
    const typed = useSignal("");
    const input = useRef<HTMLInputElement>(null);
    const use = (grant: string) => {
        typed.value = grant;
        input.current?.focus();
    };
    return (
        <Values
            title="Grants"
            item={item}
            collection="roles"
            action="grants"
            values={textsOf(item.grant_strings)}
            body={(grant) => ({ grant_strings: [grant] })}
            empty="No grants: nobody may do anything by this role."
            typed={() => typed.value.trim()}
            added={() => (typed.value = "")}
            refused={grantHint}
            below={<GrantHelp use={use} />}
            changed={changed}
        >
            <input ref={input} type="text" class="wide" aria-label="New grant" placeholder="ids=*;type=target;actions=list,read" value={typed.value} onInput={(event) => (typed.value = event.currentTarget.value)} spellcheck={false} autocomplete="off" />
        </Values>
    );
}

const special = new Map([
    ["this", "the role's own scope"],
    ["children", "the scopes in it, but not what is in those"],
    ["descendants", "all scopes below"],
]);

function GrantScopes({ item, changed }: PanelProps) {
    const scopes = useScopes().items.value;
    const chosen = useSignal("");
    const present = textsOf(item.grant_scope_ids);
    const type = item.scope?.type;
    const words = type === "project" ? ["this"] : type === "org" ? ["this", "children"] : ["this", "children", "descendants"];
    const below = scopes.filter((scope) => scope.id !== "global" && (type === "global" || (type === "org" && scope.scope_id === item.scope_id)));
    const left = [...words.map((id) => [id, special.get(id)!]), ...below.map((scope) => [scope.id, plainly(scope.name ?? scope.id, 60)])].filter(([id]) => !present.includes(id!));
    return (
        <Values
            title="Where the grants hold"
            item={item}
            collection="roles"
            action="grant-scopes"
            values={present}
            shown={(id) =>
                special.has(id) ? (
                    <>
                        <Id>{id}</Id> <span class="dim">{special.get(id)}</span>
                    </>
                ) : (
                    <>
                        <a href={href("scopes", id)}>
                            <Name text={scopes.find((scope) => scope.id === id)?.name ?? id} />
                        </a>
                        <Id>{id}</Id>
                    </>
                )
            }
            body={(id) => ({ grant_scope_ids: [id] })}
            empty="Nowhere: its grants have no effect."
            typed={() => chosen.value}
            added={() => (chosen.value = "")}
            refused={() => "“children” and “descendants” exclude each other and the single scopes that they stand for: remove those first. Scopes outside the role's own cannot be added."}
            changed={changed}
        >
            <select aria-label="Add to: Where the grants hold" disabled={left.length === 0} value={chosen.value} onChange={(event) => (chosen.value = event.currentTarget.value)}>
                <option value="">{left.length === 0 ? "No other scope to add" : "Choose a scope…"}</option>
                {left.map(([id, words]) => (
                    <option key={id} value={id}>
                        {words} · {id}
                    </option>
                ))}
            </select>
        </Values>
    );
}

const principals = { collection: "roles", action: "principals", member: "principal_ids" };
const people = { scope_id: "global", recursive: true };

function Principals({ item, changed, linked, prefix, empty }: PanelProps & { linked: string; prefix: string; empty: string }) {
    const ids = textsOf(item.principal_ids).filter((id) => id.startsWith(prefix));
    return <Relation {...principals} title={kinds[linked]!.many} item={item} ids={ids} linked={linked} others={[people]} empty={empty} changed={changed} />;
}

function ManagedGroups({ item, changed }: PanelProps) {
    const list = useList("/v1/auth-methods", people, 30_000);
    const methods = list.items.value.filter((method) => method.type !== "password");
    const ids = textsOf(item.principal_ids).filter((id) => !/^[ug]_/.test(id));
    if (ids.length === 0 && methods.length === 0) return null;
    return (
        <Relation
            {...principals}
            title="Managed groups"
            item={item}
            ids={ids}
            linked="managed-groups"
            others={methods.map((method) => ({ auth_method_id: method.id }))}
            pending={!list.complete.value && !list.problem.value}
            empty="No managed group has this role."
            changed={changed}
        />
    );
}
