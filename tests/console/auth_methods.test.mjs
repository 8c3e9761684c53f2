// Auth methods of all three types, with what is inside them: accounts and managed groups.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axe } from "./support/axe.mjs";
import { traces } from "./support/traces.mjs";
import { eventually, logIn, openPage, startBrowser, World } from "./support/world.mjs";

let world, browser, page, token;
before(async () => {
    world = await World.start();
    browser = await startBrowser();
    token = await world.token();
    page = await openPage(browser);
    await logIn(page, world, "admin", "#/auth-methods");
});
after(async () => {
    await browser?.close();
    await world?.stop();
});

const heading = (name) => page.getByRole("heading", { name, level: 1, exact: true }).waitFor();
const button = (name) => page.getByRole("button", { name, exact: true });
const field = (label) => page.getByRole("dialog").getByLabel(new RegExp(`^${label}( \\(needed\\))?$`));
const read = (path) => world.api("GET", `/v1/${path}`, undefined, token);
const shownId = () => page.url().split("/").at(-1);
const make = async (what, fields, { type, scope } = {}) => {
    await button(`New ${what}`).click();
    if (scope) await field("In").selectOption(scope);
    if (type) await field("Type").selectOption(type);
    for (const [label, value] of Object.entries(fields)) await field(label).fill(value);
    await axe(page, `new ${what} ${type ?? ""}`);
    await page.getByRole("dialog").locator("button[type=submit]").click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
};
const fact = (label) => page.locator(".fact", { has: page.getByText(label, { exact: true }) }).locator("dd");

test("the three of a new dev server are listed, and one by LDAP is changed: lists, flags and its state", async () => {
    await heading("Auth methods");
    for (const type of ["password", "oidc", "ldap"]) await page.getByRole("link", { name: `Generated global scope initial ${type} auth method` }).waitFor();
    await page.getByRole("link", { name: /ldap/ }).click();
    await heading("Generated global scope initial ldap auth method");
    assert.equal(await fact("Servers").innerText(), "ldap://localhost");
    await button("Edit").click();
    await page.getByLabel("Servers").fill("ldaps://one.example\n\n  ldaps://two.example  ");
    await page.getByLabel("StartTLS").selectOption("true");
    await page.getByLabel("State").selectOption("active-private");
    await page.getByLabel("Bind password").fill("secret-bind");
    await axe(page, "editing an LDAP auth method");
    await button("Save").click();
    await page.locator(".facts").getByText("ldaps://one.example, ldaps://two.example").waitFor();
    assert.equal(await fact("Bind password").innerText(), "set, and never shown");
    const { attributes } = await read("auth-methods/amldap_1234567890");
    assert.deepEqual([attributes.urls, attributes.start_tls, attributes.state], [["ldaps://one.example", "ldaps://two.example"], true, "active-private"]);
    await eventually("the password is nowhere", async () => assert.deepEqual(await traces(page, "secret-bind"), []) ?? true);
    assert.deepEqual(page.complaints, []);
});

test("its managed groups are made, changed and deleted, and its accounts go to a user", async () => {
    await make("managed group", { Name: "admins", "Groups of the directory": "admin\nops" });
    await page.getByRole("link", { name: "admins", exact: true }).click();
    await heading("admins");
    await page.getByText("None yet: people get into it when they log in.").waitFor();
    assert.deepEqual((await read(`managed-groups/${shownId()}`)).attributes.group_names, ["admin", "ops"]);
    await button("Edit").click();
    await page.getByLabel("Groups of the directory").fill("ops");
    await button("Save").click();
    await eventually("it is saved", async () => (await fact("Groups of the directory").innerText()) === "ops");
    await axe(page, "a managed group");
    await button("Delete").click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete managed group" }).click();
    await heading("Generated global scope initial ldap auth method");
    await page.getByText("No managed groups here.").waitFor();

    await make("account", { "Login name": "kim" });
    await page.getByRole("link", { name: "kim", exact: true }).click();
    await heading("kim");
    const account = shownId();
    await page.goto(`${world.address}/#/users/u_0987654321`);
    const accounts = page.getByRole("region", { name: "Accounts" });
    for (const id of ["acctpw_0987654321", "acctoidc_0987654321", "acctldap_0987654321"]) await accounts.getByText(id, { exact: true }).waitFor();
    await accounts.getByRole("combobox").selectOption(account);
    await accounts.getByRole("button", { name: "Add", exact: true }).click();
    await accounts.getByRole("link", { name: "kim", exact: true }).waitFor();
    assert.deepEqual(page.complaints, []);
});

test("an OIDC auth method is made inactive, and its state is changed", async () => {
    await page.goto(`${world.address}/#/auth-methods`);
    const fields = { Name: "provider", Issuer: "https://idp.example/", "Client id": "console", "Client secret": "secret-client", "This controller's address": "https://boundary.example", "Signing algorithms": "RS256\nES256" };
    await make("auth method", fields, { type: "oidc", scope: "global" });
    await heading("provider");
    assert.equal(await fact("State").innerText(), "inactive");
    assert.equal(await fact("Callback URL").innerText(), "https://boundary.example/v1/auth-methods/oidc:authenticate:callback");
    await eventually("the secret is nowhere", async () => assert.deepEqual(await traces(page, "secret-client"), []) ?? true);
    await page.getByLabel("State", { exact: true }).selectOption("active-private");
    await button("Change state").click();
    await eventually("it is active", async () => (await fact("State").innerText()) === "active-private");
    assert.equal((await read(`auth-methods/${shownId()}`)).attributes.state, "active-private");

    await make("account", { Subject: "kim@idp" });
    await page.getByRole("link", { name: "kim@idp" }).waitFor();
    await make("managed group", { Name: "staff", Filter: '"staff" in "/userinfo/groups"' });
    await page.getByRole("link", { name: "staff", exact: true }).waitFor();
    await axe(page, "an OIDC auth method with accounts and managed groups");
    assert.deepEqual(page.complaints, []);
});

test("a password auth method of an org becomes its primary one, and is deleted", async () => {
    await page.goto(`${world.address}/#/auth-methods`);
    await make("auth method", { Name: "org logins", "Shortest password": "12" }, { type: "password", scope: "o_1234567890" });
    await heading("org logins");
    const id = shownId();
    await page.getByText("This is not its scope's primary auth method.").waitFor();
    await button("Make it primary").click();
    await page.getByText("who logs in without naming one uses it").waitFor();
    assert.equal((await read("scopes/o_1234567890")).primary_auth_method_id, id);
    await make("account", { "Login name": "kim", Password: "long enough for it" });
    await page.getByRole("link", { name: "kim", exact: true }).waitFor();
    await button("Delete").click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete auth method" }).click();
    await heading("Auth methods");
    await page.getByRole("link", { name: "provider" }).waitFor();
    assert.equal(await page.getByRole("link", { name: "org logins" }).count(), 0);
    await assert.rejects(read(`auth-methods/${id}`), /404/);
    assert.deepEqual(page.complaints, []);
});
