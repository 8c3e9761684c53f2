// Who may do what: groups with members, roles with grants, grant scopes and principals.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axe } from "./support/axe.mjs";
import { eventually, logIn, openPage, startBrowser, World } from "./support/world.mjs";

let world, browser, page, token;
before(async () => {
    world = await World.start();
    browser = await startBrowser();
    token = await world.token();
    page = await openPage(browser);
    await logIn(page, world);
});
after(async () => {
    await browser?.close();
    await world?.stop();
});

const heading = (name) => page.getByRole("heading", { name, level: 1, exact: true }).waitFor();
const section = (name) => page.getByRole("region", { name, exact: true });
const choose = async (name, option) => {
    await section(name).getByRole("combobox").selectOption(option);
    await section(name).getByRole("button", { name: "Add", exact: true }).click();
};
const make = async (what, name, scope) => {
    await page.getByRole("button", { name: `New ${what}`, exact: true }).click();
    const dialog = page.getByRole("dialog");
    if (scope) await dialog.getByLabel("In", { exact: true }).selectOption(scope);
    await dialog.getByLabel("Name", { exact: true }).fill(name);
    await axe(page, `new ${what}`);
    await dialog.locator("button[type=submit]").click();
    await heading(name);
};
const erase = async (what) => {
    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("dialog").getByRole("button", { name: `Delete ${what}` }).click();
};
const read = (path) => world.api("GET", "/v1/" + path, undefined, token);
const shownId = () => page.url().split("/").at(-1);

test("a group gets members and loses them, is renamed, and is deleted", async () => {
    await page.keyboard.press("g");
    await page.keyboard.press("g");
    await heading("Groups");
    await page.getByText("No groups here.").waitFor();
    await page.getByText("A group is a set of users").waitFor();
    await make("group", "Database people", "global");
    const id = shownId();
    await page.getByText("No members yet.").waitFor();
    await choose("Members", "u_0987654321");
    await section("Members").getByRole("link", { name: "user", exact: true }).waitFor();
    await choose("Members", "u_1234567890");
    await section("Members").getByRole("link", { name: "admin", exact: true }).waitFor();
    assert.deepEqual((await read(`groups/${id}`)).member_ids, ["u_0987654321", "u_1234567890"]);
    await axe(page, "a group");
    await section("Members").getByRole("button", { name: "Remove u_1234567890" }).click();
    await section("Members").getByRole("link", { name: "admin", exact: true }).waitFor({ state: "detached" });
    assert.deepEqual((await read(`groups/${id}`)).member_ids, ["u_0987654321"]);

    await page.getByRole("button", { name: "Edit" }).click();
    await page.getByLabel("Name", { exact: true }).fill("Database team");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await heading("Database team");
    await erase("group");
    await page.getByText("No groups here.").waitFor();
    assert.deepEqual(page.complaints, []);
});

test("a role of an org gets grants, says what is wrong with one, and loses them", async () => {
    await page.getByLabel("Scope that lists start from").selectOption("o_1234567890");
    await page.keyboard.press("g");
    await page.keyboard.press("r");
    await heading("Roles");
    await make("role", "Shop support");
    const id = shownId();
    const grants = section("Grants");
    await grants.getByText("No grants: nobody may do anything").waitFor();
    const add = async (grant) => {
        await grants.getByLabel("New grant").fill(grant);
        await page.keyboard.press("Enter");
    };
    const wrong = [
        ["id=*;type=target;actions=list", "“id” is written “ids” now."],
        ["ids=*;type=target", "It does not say which actions"],
        ["type=target;actions=read", "Without ids, only create and list"],
        ["ids=*;actions=read", "ids=* needs a type as well"],
        ["ids=*,hst_1234567890;actions=read", "In ids, “*” stands alone."],
        ["ids=*;type=target;actions=list=read", "should be one name, one “=” and one value"],
        ["ids=*;type=target;actions=lists", "Types are written like target"],
        ["{\"ids\":", "As JSON a grant is one object"],
    ];
    for (const [grant, words] of wrong) {
        await add(grant);
        const alert = grants.getByRole("alert");
        await alert.getByText(words).waitFor(); // beside the controller's own words
        await alert.getByText("InvalidArgument 400").waitFor();
        assert.equal(await grants.getByLabel("New grant").inputValue(), grant); // to be mended
    }
    await axe(page, "a refused grant");
    await add("ids=*;type=target;actions=list,read");
    await grants.getByRole("button", { name: "Remove ids=*;type=target;actions=list,read" }).waitFor();
    assert.equal(await grants.getByRole("alert").count(), 0);
    assert.equal(await grants.getByLabel("New grant").inputValue(), "");
    await grants.getByText("How grants are written").click();
    await grants.getByRole("button", { name: "Use ids=*;type=session;actions=list,read:self,cancel:self" }).click();
    await page.keyboard.press("Enter"); // the focus is in the field
    await grants.getByRole("button", { name: "Remove ids=*;type=session;actions=list,read:self,cancel:self" }).waitFor();
    await axe(page, "a role with grants");
    await grants.getByRole("button", { name: "Remove ids=*;type=target;actions=list,read" }).click();
    await grants.getByRole("button", { name: "Remove ids=*;type=target;actions=list,read" }).waitFor({ state: "detached" });
    assert.deepEqual((await read(`roles/${id}`)).grant_strings, ["ids=*;type=session;actions=list,read:self,cancel:self"]);
    assert.deepEqual(page.complaints, []);
});

test("a role says where its grants hold, and who has it: users, groups and managed groups", async () => {
    const group = await world.api("POST", "/v1/groups", { scope_id: "global", name: "On call" }, token);
    const managed = await world.api("POST", "/v1/managed-groups", { auth_method_id: "amldap_1234567890", name: "Directory admins", attributes: { group_names: ["admin"] } }, token);
    const where = section("Where the grants hold");
    await where.getByText("the role's own scope").waitFor();
    await choose("Where the grants hold", "p_1234567890");
    await where.getByRole("link", { name: "Generated project scope" }).waitFor();
    const id = shownId();
    assert.deepEqual((await read(`roles/${id}`)).grant_scope_ids, ["p_1234567890", "this"]);
    await where.getByRole("button", { name: "Remove this" }).click();
    await where.getByRole("button", { name: "Remove this" }).waitFor({ state: "detached" });
    assert.deepEqual(await where.locator("option").evaluateAll((options) => options.map((option) => option.value)), ["", "this", "children"]); // an org's role: not "descendants", no other org

    await page.reload();
    await choose("Users", "u_0987654321");
    await section("Users").getByRole("link", { name: "user", exact: true }).waitFor();
    await choose("Groups", group.id);
    await section("Groups").getByRole("link", { name: "On call" }).waitFor();
    await choose("Managed groups", managed.id);
    await section("Managed groups").getByRole("link", { name: "Directory admins" }).waitFor();
    await axe(page, "a role with principals");
    assert.deepEqual((await read(`roles/${id}`)).principal_ids, ["u_0987654321", group.id, managed.id]);
    await section("Users").getByRole("button", { name: "Remove u_0987654321" }).click();
    await section("Users").getByText("No user has this role by name.").waitFor();
    await section("Managed groups").getByRole("button", { name: `Remove ${managed.id}` }).click();
    await section("Managed groups").getByText("No managed group has this role.").waitFor();
    assert.deepEqual((await read(`roles/${id}`)).principal_ids, [group.id]);
    assert.deepEqual(page.complaints, []);
});

test("keys alone remove one after the other: the focus stays in the section", async () => {
    const role = await world.api("POST", "/v1/roles", { scope_id: "global", name: "By keys" }, token);
    await world.api("POST", `/v1/roles/${role.id}:add-grants`, { version: 1, grant_strings: ["ids=*;type=user;actions=read", "ids=*;type=group;actions=read"] }, token);
    await world.api("POST", `/v1/roles/${role.id}:add-principals`, { version: 2, principal_ids: ["u_0987654321", "u_1234567890"] }, token);
    const before = page.url();
    await page.goto(`${world.address}/#/roles/${role.id}`);
    for (const name of ["Grants", "Users"]) {
        const remove = section(name).getByRole("button", { name: /^Remove/ });
        await remove.first().focus();
        for (const left of [1, 0]) {
            await page.keyboard.press("Enter");
            await eventually(`${left} are left`, async () => (await remove.count()) === left);
            await eventually("the focus is in the section", () => section(name).evaluate((element) => element.contains(document.activeElement)));
        }
    }
    await page.goto(before);
    assert.deepEqual(page.complaints, []);
});

test("somebody else who changes a role meanwhile is neither overwritten nor in the way", async () => {
    const id = shownId();
    const theirs = (path, body) => read(`roles/${id}`).then(({ version }) => world.api(path ? "POST" : "PATCH", `/v1/roles/${id}${path}`, { version, ...body }, token));
    await page.getByRole("button", { name: "Edit" }).click();
    await page.getByLabel("Name", { exact: true }).fill("Shop helpers");
    await theirs("", { name: "Shop staff", description: "who helps" });
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("Somebody else saved this role while you were editing.").waitFor();
    assert.equal(await page.getByLabel("Description").inputValue(), "who helps");
    await page.getByRole("button", { name: "Save mine over it" }).click();
    await heading("Shop helpers");
    // a grant is added to what there is by now, whatever version this page has seen
    await page.route(`**/v1/roles/${id}`, async (route) => (route.request().method() === "GET" ? route.abort() : route.continue())); // it sees nothing new
    await theirs(":add-grants", { grant_strings: ["ids=*;type=user;actions=read"] });
    await page.unroute(`**/v1/roles/${id}`);
    await section("Grants").getByLabel("New grant").fill("ids=*;type=group;actions=read");
    await page.keyboard.press("Enter");
    await section("Grants").getByRole("button", { name: "Remove ids=*;type=group;actions=read" }).waitFor();
    assert.equal((await read(`roles/${id}`)).grant_strings.length, 3);

    await erase("role");
    await heading("Roles");
    await page.getByText("Shop helpers").waitFor({ state: "detached" });
    await assert.rejects(read(`roles/${id}`), /404/);
    assert.deepEqual(page.complaints, []);
});

test("who may only read a role is offered no change", async () => {
    const role = await world.api("POST", "/v1/roles", { scope_id: "global", name: "Readers" }, token);
    const fill = async (action, version, body) => world.api("POST", `/v1/roles/${role.id}:${action}`, { version, ...body }, token);
    await fill("add-grants", 1, { grant_strings: ["ids=*;type=role;actions=read,list,no-op"] });
    await fill("add-principals", 2, { principal_ids: ["u_0987654321"] });
    const reader = await openPage(browser);
    await logIn(reader, world, "user", "#/roles");
    await reader.getByRole("link", { name: "Readers" }).click();
    await reader.getByText("ids=*;type=role;actions=read,list,no-op", { exact: true }).waitFor();
    for (const name of [/^Edit/, /^Delete/, /^Remove/, /^Add/]) assert.equal(await reader.getByRole("button", { name }).count(), 0, String(name));
    assert.equal(await reader.getByLabel("New grant").count(), 0);
    await reader.goto(`${world.address}/#/roles`);
    await reader.getByRole("link", { name: "Readers" }).waitFor();
    assert.equal(await reader.getByRole("button", { name: "New role" }).count(), 0);
    assert.deepEqual(reader.complaints, []);
    await reader.context().close();
});
