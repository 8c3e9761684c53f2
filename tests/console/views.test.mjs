// Every view: it loads, axe finds nothing in light and dark, it fits a phone, and what people typed
// is shown, not run.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axe } from "./support/axe.mjs";
import { painted, watchShift } from "./support/shift.mjs";
import { eventually, logIn, openPage, startBrowser, World } from "./support/world.mjs";

let world, browser, token, session;
const hostile = `<script>window.hacked=1</script><img src=x onerror="window.hacked=1">\u202Eevil`;
const views = [
    ["sessions", "Sessions"],
    ["targets", "Targets"],
    ["targets/ttcp_1234567890", "Generated target with a direct address"],
    ["targets/ttcp_0987654321", "Generated target using host sources"],
    ["host-catalogs", "Host catalogs"],
    ["host-catalogs/hcst_1234567890", "Generated host catalog"],
    ["host-sets/hsst_1234567890", "Generated host set"],
    ["hosts/hst_1234567890", "Generated host"],
    ["aliases", "Aliases"],
    ["scopes", "Scopes"],
    ["scopes/o_1234567890", "Generated org scope"],
    ["users", "Users"],
    ["users/u_1234567890", "admin"],
    ["groups", "Groups"],
    ["roles", "Roles"],
    ["roles/r_1234567890", "Administration"],
    ["credential-stores", "Credential stores"],
    ["workers", "Workers"],
    ["workers/w_1234567890", "w_1234567890"],
    ["auth-methods", "Auth methods"],
    ["auth-methods/ampw_1234567890", "Generated global scope initial password auth method"],
    ["auth-methods/amoidc_1234567890", "Generated global scope initial oidc auth method"],
    ["auth-methods/amldap_1234567890", "Generated global scope initial ldap auth method"],
    ["accounts/acctoidc_1234567890", "admin"],
    ["accounts/acctpw_1234567890", "admin"],
    ["me", "My login"],
];

before(async () => {
    world = await World.start();
    browser = await startBrowser();
    token = await world.token();
    const make = async (kind, body) => {
        const { id } = await world.api("POST", `/v1/${kind}`, body, token);
        views.push([`${kind}/${id}`, body.name]);
        return id;
    };
    await make("groups", { scope_id: "global", name: "a group" });
    await make("managed-groups", { auth_method_id: "amldap_1234567890", name: "a managed group", attributes: { group_names: ["admin"] } });
    const store = await make("credential-stores", { scope_id: "p_1234567890", type: "static", name: "a store" });
    await make("credentials", { credential_store_id: store, type: "username_password", name: "a credential", attributes: { username: "app", password: "password" } });
    session = (await world.api("POST", "/v1/targets/ttcp_1234567890:authorize-session", {}, token)).session_id;
});
after(async () => {
    await browser?.close();
    await world?.stop();
});

// A phone; a window of 1280 × 800 at 200 % and at 400 %, which to the page is a smaller window.
const small = [[360, 700], [640, 400], [320, 256]];

test("every view shows its heading, fits a phone and a window at 200 %, and axe finds nothing in light and dark", async () => {
    const page = await openPage(browser);
    await page.goto(world.address);
    await page.getByRole("button", { name: "Log in" }).waitFor();
    await axe(page, "login");
    await logIn(page, world);
    for (const [view, heading] of [...views, [`sessions/${session}`, session]]) {
        await page.goto(`${world.address}/#/${view}`);
        await page.getByRole("heading", { name: heading, exact: true, level: 1 }).waitFor();
        await page.emulateMedia({ colorScheme: "light" });
        await axe(page, `${view} light`);
        await page.emulateMedia({ colorScheme: "dark" });
        await axe(page, `${view} dark`, ["wcag2aa"]); // contrast is among these; nothing but colours differs
        for (const [width, height] of small) {
            await page.setViewportSize({ width, height });
            const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
            assert.ok(overflow <= 0, `${view} is ${overflow} pixels wider than a window of ${width}`);
        }
        await page.setViewportSize({ width: 1280, height: 800 });
    }
    assert.deepEqual(page.complaints, []);
    await page.context().close();
});

test("dialogs hold no barrier either", async () => {
    const page = await openPage(browser, { colorScheme: "dark" });
    await logIn(page, world, "admin", `#/sessions/${session}`);
    await page.getByRole("button", { name: "Cancel session" }).click();
    await axe(page, "cancel");
    await page.keyboard.press("Escape");
    await page.goto(`${world.address}/#/scopes`);
    await page.getByRole("button", { name: "New org" }).click();
    await axe(page, "new org");
    await page.keyboard.press("Escape");
    await page.keyboard.press("?");
    await axe(page, "help");
    await page.context().close();
});

test("a name that is markup, and a description of ten thousand characters, are shown and not run", async () => {
    const description = "0123456789".repeat(1000);
    const target = await world.api("POST", "/v1/targets", { scope_id: "p_1234567890", type: "tcp", name: hostile, description, address: "127.0.0.1", attributes: { default_port: 22 } }, token);
    await world.api("POST", `/v1/targets/${target.id}:authorize-session`, {}, token);
    const page = await openPage(browser);
    await logIn(page, world, "admin", "#/targets");
    await page.getByRole("link", { name: hostile }).click();
    await page.getByRole("heading", { name: hostile, level: 1 }).waitFor();
    await page.getByText(description).waitFor();
    await axe(page, "hostile target");
    await page.goto(`${world.address}/#/sessions`);
    await page.getByText(hostile).first().waitFor();
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(overflow <= 0);
    assert.equal(await page.evaluate(() => window.hacked), undefined);
    await page.goto(`${world.address}/#/%3Cimg%20src=x%20onerror=window.hacked=1%3E/%00`);
    await page.getByText("There is no such page.").waitFor();
    assert.equal(await page.evaluate(() => window.hacked), undefined);
    assert.deepEqual(page.complaints, []);
    await world.api("DELETE", `/v1/targets/${target.id}`, undefined, token);
    await page.context().close();
});

test("what a hostile controller says of roles, groups, credentials and workers is shown and not run, and turns nothing round", async () => {
    const page = await openPage(browser);
    const evil = "\u2069\u202Eevil" + hostile; // it ends its isolation, then turns round what follows
    const made = (kind, body) => world.api("POST", `/v1/${kind}`, { name: evil, description: evil, ...body }, token);
    const group = await made("groups", { scope_id: "global" });
    const role = await made("roles", { scope_id: "global" });
    const store = await made("credential-stores", { scope_id: "p_1234567890", type: "static" });
    const credential = await made("credentials", { credential_store_id: store.id, type: "username_password", attributes: { username: evil, password: "p" } });
    const managed = await made("managed-groups", { auth_method_id: "amoidc_1234567890", attributes: { filter: '"a" in "/b"' } });
    // what this controller would not say, another may
    const lie = (path, lies) => page.route(`**/v1/${path}`, async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, json: { ...(await response.json()), ...lies } });
    });
    await lie(`roles/${role.id}`, { grant_strings: [evil, 7, null, { constructor: 1 }], grant_scope_ids: ["this", evil, "constructor", "p_1234567890"], principal_ids: ["u_" + evil, evil, {}] });
    await lie("workers/w_1234567890", { name: evil, address: evil, release_version: { a: hostile }, last_status_time: evil, config_tags: { [hostile]: [evil, 7], a: "b" }, api_tags: [[hostile]] });
    await lie(`groups/${group.id}`, { member_ids: "u_1234567890" });
    await lie(`credentials/${credential.id}`, { attributes: { username: { toString: 1 }, password_hmac: hostile } });
    await logIn(page, world);
    const control = /[\p{Bidi_Control}]/u;
    for (const [kind, id] of [["roles", role.id], ["groups", group.id], ["credential-stores", store.id], ["credentials", credential.id], ["managed-groups", managed.id], ["workers", "w_1234567890"]]) {
        await page.goto(`${world.address}/#/${kind}/${id}`);
        await page.getByRole("heading", { name: evil.replace("\u2069", ""), level: 1 }).waitFor();
        await painted(page);
        await page.locator("[aria-busy=true]").first().waitFor({ state: "detached" });
        await axe(page, `hostile ${kind}`);
        for (const option of await page.locator("option").allInnerTexts()) assert.doesNotMatch(option, control);
        for (const button of await page.getByRole("button").all()) assert.doesNotMatch((await button.getAttribute("aria-label")) ?? "", control);
        assert.equal(await page.evaluate(() => document.querySelectorAll("main script, main img").length), 0);
        assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0, kind);
    }
    // the id that stands beside a name reads from left to right, as it is typed elsewhere
    await page.goto(`${world.address}/#/groups/${group.id}`);
    await page.getByRole("button", { name: "Delete" }).click();
    const rightwards = await page.locator("dialog code").evaluate((element) => {
        const at = (index) => {
            const range = document.createRange();
            range.setStart(element.firstChild, index);
            range.setEnd(element.firstChild, index + 1);
            return range.getBoundingClientRect().left;
        };
        return at(0) < at(3);
    });
    assert.ok(rightwards);
    await page.keyboard.press("Escape");
    // and where others name them
    await page.goto(`${world.address}/#/roles/r_1234567890`);
    await eventually("the group can be chosen", async () => (await page.locator(`option[value=${group.id}]`).count()) === 1);
    assert.match(await page.locator(`option[value=${group.id}]`).innerText(), /^\ufffd\ufffdevil<script>.* · g_/);
    await eventually("the managed group can be chosen", async () => (await page.locator(`option[value=${managed.id}]`).count()) === 1);
    await page.goto(`${world.address}/#/targets/ttcp_1234567890`);
    await page.getByRole("region", { name: /^Brokered credentials from \ufffd\ufffdevil<script>/ }).waitFor();
    assert.equal(await page.evaluate(() => window.hacked), undefined);
    assert.deepEqual(page.complaints, []);
    for (const [kind, { id }] of Object.entries({ groups: group, roles: role, "credential-stores": store, "managed-groups": managed })) await world.api("DELETE", `/v1/${kind}/${id}`, undefined, token);
    await page.context().close();
});

test("an unprivileged user is offered only what the controller allows", async () => {
    const page = await openPage(browser);
    await logIn(page, world, "user", "#/targets");
    await page.getByRole("link", { name: "Generated target with a direct address" }).click();
    await page.getByRole("button", { name: "Authorize a session" }).waitFor();
    assert.equal(await page.getByRole("button", { name: "Edit" }).count(), 0);
    assert.equal(await page.getByRole("button", { name: "Delete" }).count(), 0);
    assert.equal(await page.getByRole("button", { name: "Add alias" }).count(), 0);
    const nav = page.getByRole("navigation", { name: "Views" });
    assert.equal(await nav.getByRole("link", { name: "Users" }).count(), 0);
    for (const name of ["Aliases", "Groups", "Roles", "Workers"]) assert.equal(await nav.getByRole("link", { name }).count(), 0);
    await page.goto(`${world.address}/#/targets`);
    await page.getByRole("link", { name: "Generated target with a direct address" }).waitFor();
    assert.equal(await page.getByRole("button", { name: "New target" }).count(), 0);
    // what may not be listed says so in the API's words, and with a next step
    await page.goto(`${world.address}/#/users`);
    await page.getByRole("alert").getByText("Forbidden.").waitFor();
    await page.getByRole("alert").getByText(/ask an administrator/).waitFor();
    // other people's sessions are not there; one's own is
    const { session_id: own } = await world.api("POST", "/v1/targets/ttcp_1234567890:authorize-session", {}, await world.token("user"));
    await page.goto(`${world.address}/#/sessions`);
    await page.getByRole("link", { name: own }).waitFor();
    assert.equal(await page.getByRole("link", { name: session }).count(), 0);
    await eventually("the empty and full states differ", async () => (await page.locator("tbody tr").count()) >= 1);
    assert.deepEqual(page.complaints, []);
    await page.context().close();
});

test("the page is small, and nothing moves while it and its views load", async () => {
    const page = await openPage(browser);
    let bytes = 0;
    page.on("response", async (response) => (bytes += Number(response.headers()["content-length"] ?? 0)));
    const shifts = await watchShift(page, { all: true });
    await logIn(page, world);
    await page.reload();
    await page.getByRole("link", { name: session }).waitFor();
    assert.ok(bytes < 150 * 1024, `${bytes} bytes`);
    for (const [view, heading] of [...views, [`sessions/${session}`, session]]) {
        await page.goto(`${world.address}/#/${view}`);
        await page.getByRole("heading", { name: heading, exact: true, level: 1 }).waitFor();
        await painted(page);
        await page.locator("[aria-busy=true]").first().waitFor({ state: "detached" });
        await painted(page);
    }
    assert.deepEqual(await shifts(), []);
    await page.evaluate(() => document.querySelector("main").prepend(Object.assign(document.createElement("div"), { innerText: "\n".repeat(5) })));
    await eventually("had anything moved, it would have been seen", async () => (await shifts()).length > 0);
    const response = await page.request.get(`${world.address}/console.js`, { headers: { "Accept-Encoding": "gzip" } });
    assert.equal(response.headers()["content-encoding"], "gzip");
    await page.context().close();
});
