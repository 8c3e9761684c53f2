// The frame around every view: where one can go, whether the controller answers, who is looking.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { goneHint, unreachableSince, unreachableWhy } from "./api/http";
import { agent, epoch, loggedIn, login, mode, refreshLogin } from "./api/login";
import { useNames } from "./api/names";
import { chosenScope, treeOf, useScope, useScopes } from "./api/scopes";
import { mayBelow, type Item } from "./api/types";
import { kinds } from "./kinds/kinds";
import { keysOn, useKeys } from "./ui/keys";
import { go, href, route } from "./ui/route";
import { Empty, Name, plainly } from "./ui/text";
import { Until } from "./ui/time";
import { Toast } from "./ui/toast";
import { Proxies } from "./views/agent";
import { Help } from "./views/help";
import { LoginDialog, LoginPage } from "./views/login";
import { Me } from "./views/me";
import { Resource } from "./views/resource";
import { ResourcesView } from "./views/resources";
import { Scopes } from "./views/scopes";
import { SessionView } from "./views/session";
import { Sessions } from "./views/sessions";

const places: [path: string, title: string, collection: string][] = [
    ["sessions", "Sessions", ""],
    ["targets", "Targets", ""],
    ["host-catalogs", "Hosts", ""],
    ["credential-stores", "Credentials", ""],
    ["scopes", "Scopes", ""],
    ["auth-methods", "Auth methods", ""],
    ["aliases", "Aliases", "aliases"], // those that depend come last, so that their coming moves nothing
    ["users", "Users", "users"],
    ["groups", "Groups", "groups"],
    ["roles", "Roles", "roles"],
    ["workers", "Workers", "workers"],
];

export function App() {
    if (mode.value === "starting") return <Starting />;
    return (
        <>
            {loggedIn.value ? <Frame key={epoch.value} /> : <LoginPage />}
            <LoginDialog />
            <Toast />
        </>
    );
}

function Starting() {
    return (
        <main class="door">
            <h1>Boundary console</h1>
            {unreachableSince.value ? <p role="alert">Not reachable: {unreachableWhy.value}. Trying again…</p> : <p class="dim">Starting…</p>}
        </main>
    );
}

function Frame() {
    const help = useSignal(false);
    const global = useScope("global").item.value;
    const names = useNames();
    useEffect(() => {
        const timer = setInterval(() => !document.hidden && void refreshLogin(), 60_000);
        return () => clearInterval(timer);
    }, []);
    useKeys({ "?": () => (help.value = true), "g s": () => go("sessions"), "g t": () => go("targets"), "g h": () => go("host-catalogs"), "g u": () => go("users"), "g o": () => go("scopes"), "g c": () => go("credential-stores"), "g g": () => go("groups"), "g r": () => go("roles"), "g w": () => go("workers"), "g p": () => agent.value && go("proxies") });
    const here = route.value.path[0];
    const shown = places.filter(([, , collection]) => !collection || mayBelow(global, collection, "list"));
    const link = (path: string, title: string) => (
        <a key={path} href={href(path)} aria-current={here === path ? "page" : undefined}>
            {title}
        </a>
    );
    return (
        <div class="frame">
            <a class="skip" href="#main" onClick={(event) => (event.preventDefault(), document.getElementById("main")?.focus())}>
                Skip to content
            </a>
            <header>
                <span class="brand">Boundary</span>
                <ScopeChoice />
                <Reachability />
                <span class="grow" />
                <a class="who" href={href("me")} aria-current={here === "me" ? "page" : undefined}>
                    <Name text={login.value?.login_name || names.of(login.value?.user_id) || login.value?.user_id} />
                    <span class="dim level-2">
                        {" "}
                        · <Until time={login.value?.expiration_time} />
                    </span>
                </a>
                <button type="button" class="quiet" aria-label="Keys and help" onClick={() => (help.value = true)}>
                    {keysOn.value ? "?" : "help"}
                </button>
            </header>
            <nav aria-label="Views">
                {agent.value && link("proxies", "Proxies")}
                {shown.map(([path, title]) => link(path, title))}
            </nav>
            <main id="main" tabIndex={-1}>
                <View />
            </main>
            {help.value && <Help onClose={() => (help.value = false)} />}
        </div>
    );
}

function View() {
    const [first = "", id] = route.value.path;
    useEffect(() => {
        document.title = `${id ?? places.find(([path]) => path === first)?.[1] ?? "Boundary"} · Boundary console`;
        scrollTo(0, 0);
        document.querySelector("nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" }); // a phone shows some of them
    }, [first, id]);
    if (first === "sessions") return id ? <SessionView key={id} id={id} /> : <Sessions />;
    if (first === "scopes" && !id) return <Scopes />;
    if (first === "me") return <Me />;
    if (first === "proxies" && agent.value) return <Proxies />;
    if (first in kinds && Object.hasOwn(kinds, first)) {
        if (id) return <Resource key={`${first}/${id}`} collection={first} id={id} />;
        if (!kinds[first]!.parent) return <ResourcesView collection={first} />;
    }
    return (
        <Empty title="There is no such page.">
            <a href={href("sessions")}>Sessions</a>
        </Empty>
    );
}

function ScopeChoice() {
    const tree = treeOf(useScopes().items.value);
    const missing = !tree.some((branch) => branch.scope.id === chosenScope.value);
    const label = (scope: Item) => plainly(scope.name ?? scope.id, 40);
    return (
        <select class="scope" aria-label="Scope that lists start from" value={chosenScope.value} onChange={(event) => (chosenScope.value = event.currentTarget.value)}>
            {missing && <option value={chosenScope.value}>{chosenScope.value}</option>}
            {tree.map(({ scope, depth }) => (
                <option key={scope.id} value={scope.id}>
                    {"\u2003".repeat(depth) + label(scope)}
                </option>
            ))}
        </select>
    );
}

/// Always there, so that its coming and going moves nothing.
function Reachability() {
    const since = unreachableSince.value;
    return (
        <span class={since ? "reach gone" : "reach"} role="status" title={since ? `${unreachableWhy.value}. ${goneHint.value}` : undefined}>
            {since ? `not reachable since ${new Date(since).toLocaleTimeString()}` : "live"}
        </span>
    );
}
