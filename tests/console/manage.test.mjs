// Making, relating, changing and deleting what an administrator looks after.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { logIn, openPage, startBrowser, World } from "./support/world.mjs";

let world, browser, page;
before(async () => {
    world = await World.start();
    browser = await startBrowser();
    page = await openPage(browser);
    await logIn(page, world, "admin", "#/scopes");
});
after(async () => {
    await browser?.close();
    await world?.stop();
});

const make = async (button, fields) => {
    await page.getByRole("button", { name: button, exact: true }).first().click();
    const dialog = page.getByRole("dialog");
    for (const [label, value] of Object.entries(fields)) await dialog.getByLabel(label).fill(value);
    await dialog.locator("button[type=submit]").click();
    await dialog.waitFor({ state: "detached" });
};
const heading = (name) => page.getByRole("heading", { name, level: 1, exact: true }).waitFor();

test("an org, a project in it, a host catalog with a host and a set, and a target that uses the set", async () => {
    await page.getByRole("button", { name: "New org" }).click();
    await page.getByRole("dialog").getByLabel("Name").fill("shop");
    await page.getByRole("dialog").getByRole("button", { name: "Make org" }).click();
    const org = page.locator("li", { has: page.getByRole("link", { name: "shop", exact: true }) });
    await org.getByRole("button", { name: "New project" }).click();
    await page.getByRole("dialog").getByLabel("Name").fill("web");
    await page.getByRole("dialog").getByRole("button", { name: "Make project" }).click();
    const project = page.locator("li", { has: page.getByRole("link", { name: "web", exact: true }) });
    await project.getByRole("button", { name: /^Choose/ }).click();

    await page.getByRole("link", { name: "Hosts" }).click();
    await page.getByText("No host catalogs here.").waitFor();
    await make("New host catalog", { Name: "racks" });
    await heading("racks");
    await make("New host set", { Name: "webs" });
    await make("New host", { Name: "web1", Address: "127.0.0.1" });
    await page.getByRole("link", { name: "webs" }).click();
    await heading("webs");
    await page.getByText("No hosts yet").waitFor();
    await page.getByLabel("Add to: Hosts in this set").selectOption({ index: 1 });
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByRole("link", { name: "web1" }).waitFor();

    await page.getByRole("link", { name: "Targets" }).click();
    await make("New target", { Name: "site", "Port (needed)": "8080" });
    await heading("site");
    await page.getByLabel("Add to: Host sources from racks").selectOption({ index: 1 });
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByRole("link", { name: "webs" }).waitFor();

    await page.getByRole("button", { name: "Authorize a session" }).click();
    await page.getByText("agentctl connect -authz-token -").waitFor();
    await page.locator(".made").getByRole("link", { name: /^s_/ }).click();
    await page.locator(".facts").getByText("tcp://127.0.0.1:8080").waitFor();

    // its target is deleted, which ends it
    await page.locator(".facts").getByRole("link", { name: "site" }).click();
    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete target" }).click();
    await heading("Targets");
    await page.getByText("No targets here.").waitFor();
    await page.goto(`${world.address}/#/sessions?ended=1`);
    await page.locator("tbody tr", { hasText: /canceling|terminated/ }).waitFor();
    assert.deepEqual(page.complaints, []);
});

test("an alias is made on its target, leads there, is changed and deleted", async () => {
    await page.goto(`${world.address}/#/targets/ttcp_1234567890`);
    await page.getByLabel("New alias").fill("web.shop.example");
    await page.getByRole("button", { name: "Add alias" }).click();
    await page.getByRole("link", { name: "web.shop.example" }).click();
    await heading("web.shop.example");
    await page.getByRole("button", { name: "Edit" }).click();
    await page.getByLabel("Leads to").selectOption("ttcp_0987654321");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.locator(".facts").getByRole("link", { name: "ttcp_0987654321" }).waitFor();
    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete alias" }).click();
    await heading("Aliases");
    assert.equal(await page.getByRole("link", { name: "web.shop.example" }).count(), 0);
    assert.deepEqual(page.complaints, []);
});

test("a user gets an account, logs in by it, gets another password, and is deleted", async () => {
    await page.goto(`${world.address}/#/users`);
    await page.getByLabel("Scope that lists start from").selectOption("global");
    await make("New user", { Name: "Ann" });
    await heading("Ann");
    await page.getByText("New account for this user").click();
    await page.getByLabel("Login name").fill("ann");
    await page.getByLabel("Password").fill("first-password");
    await page.getByRole("button", { name: "Make account" }).click();
    await page.getByRole("link", { name: "ann", exact: true }).click();
    await heading("ann");
    await page.getByLabel("New password").fill("short");
    await page.getByRole("button", { name: "Set password" }).click();
    await page.getByText(/at least 8 characters/).first().waitFor();
    await page.getByLabel("New password").fill("second-password");
    await page.getByRole("button", { name: "Set password" }).click();
    await page.getByText("The password is changed.").waitFor();

    const ann = await openPage(browser);
    await ann.goto(world.address);
    await ann.getByLabel("Login name").fill("ann");
    await ann.getByLabel("Password").fill("second-password");
    await ann.getByRole("button", { name: "Log in" }).click();
    await ann.getByRole("navigation", { name: "Views" }).waitFor();
    await ann.context().close();

    await page.goto(`${world.address}/#/users`);
    await page.getByRole("link", { name: "Ann" }).click();
    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete user" }).click();
    await heading("Users");
    await page.getByRole("link", { name: "admin", exact: true }).waitFor();
    assert.equal(await page.getByRole("link", { name: "Ann" }).count(), 0);
    assert.deepEqual(page.complaints, []);
});
