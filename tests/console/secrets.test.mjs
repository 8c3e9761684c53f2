// Credential stores and credentials. What is secret is typed into fields that hide it, sent, and nowhere afterwards.
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
    await logIn(page, world);
    await page.getByLabel("Scope that lists start from").selectOption("p_1234567890");
});
after(async () => {
    await browser?.close();
    await world?.stop();
});

const heading = (name) => page.getByRole("heading", { name, level: 1, exact: true }).waitFor();
const button = (name) => page.getByRole("button", { name, exact: true });
const field = (label) => page.getByRole("dialog").getByLabel(new RegExp(`^${label}( \\(needed\\))?$`));
const make = () => page.getByRole("dialog").getByRole("button", { name: "Make credential" }).click();
const nowhere = (text) => eventually(`“${text}” is nowhere`, async () => assert.deepEqual(await traces(page, text), []) ?? true);
/// What a session on this target hands out.
const brokered = async () => (await world.api("POST", "/v1/targets/ttcp_1234567890:authorize-session", {}, token)).credentials?.map((one) => one.credential);
const key = "-----BEGIN OPENSSH PRIVATE KEY-----\nbm90IGEga2V5\n-----END OPENSSH PRIVATE KEY-----\n";

test("a store of credentials is made, and each of the five types in it", async () => {
    await page.keyboard.press("g");
    await page.keyboard.press("c");
    await heading("Credential stores");
    await page.getByText("A credential store holds passwords and keys").waitFor();
    await button("New credential store").click();
    await field("Name").fill("Database logins");
    await page.getByRole("dialog").locator("button[type=submit]").click();
    await heading("Database logins");
    await page.getByText("No credentials here.").waitFor();

    const all = {
        username_password: { Name: "orders", "User name": "app", Password: "secret-orders" },
        username_password_domain: { Name: "windows", "User name": "app", Domain: "shop.example", Password: "secret-windows" },
        password: { Name: "cache", Password: "secret-cache" },
        ssh_private_key: { Name: "deploy", "User name": "deploy", "Private key": key, "Passphrase of the key": "secret-phrase" },
        json: { Name: "api", "JSON object": '{"token": "secret-token", "nested": {"a": [1]}}' },
    };
    for (const [type, fields] of Object.entries(all)) {
        await button("New credential").click();
        await field("Type").selectOption(type);
        for (const [label, value] of Object.entries(fields)) await field(label).fill(value);
        await axe(page, `new ${type}`);
        await make();
        await page.getByRole("link", { name: fields.Name, exact: true }).waitFor();
    }
    const store = page.url().split("/").at(-1);
    const made = (await world.api("GET", `/v1/credentials?credential_store_id=${store}`, undefined, token)).items;
    assert.deepEqual(made.map((one) => one.type).sort(), Object.keys(all).sort());
    await world.api("POST", "/v1/targets/ttcp_1234567890:add-credential-sources", { version: 1, brokered_credential_source_ids: made.map((one) => one.id) }, token);
    const handed = await brokered();
    assert.deepEqual(handed.find((one) => one.domain), { username: "app", password: "secret-windows", domain: "shop.example" });
    assert.equal(handed.find((one) => one.private_key).private_key, key);
    assert.ok(handed.some((one) => one.token === "secret-token" && one.nested.a[0] === 1));
    for (const secret of ["secret-orders", "secret-windows", "secret-cache", "secret-phrase", "bm90IGEga2V5", "secret-token"]) await nowhere(secret);
    assert.deepEqual(page.complaints, []);
});

test("secrets are typed unseen, and a form that is closed has forgotten them and nothing else", async () => {
    await button("New credential").click();
    await field("Name").fill("half a credential");
    assert.equal(await field("Password").getAttribute("type"), "password");
    await field("Password").fill("secret-half");
    await field("Type").selectOption("ssh_private_key");
    const hidden = () => field("Private key").evaluate((element) => getComputedStyle(element).webkitTextSecurity);
    await field("Private key").fill("secret-key-half");
    assert.equal(await hidden(), "disc");
    await page.getByRole("dialog").getByLabel("show what I type").check();
    assert.equal(await hidden(), "none");
    await button("Close").click();
    await nowhere("secret-half");
    await nowhere("secret-key-half");
    await button("New credential").click();
    assert.equal(await field("Name").inputValue(), "half a credential");
    assert.equal(await field("Private key").inputValue(), "");

    // what the controller refuses is still there to be mended; what is no JSON is not quoted
    await field("Type").selectOption("json");
    await field("JSON object").fill('["secret-list"]');
    await make();
    await page.getByText("This must be a JSON object.").waitFor();
    await field("Type").selectOption("username_password");
    await field("Password").fill("secret-again");
    await make();
    await page.getByRole("alert").getByText("attributes.username").waitFor();
    assert.equal(await field("Password").inputValue(), "secret-again");
    await field("User name").fill("app");
    await make();
    await page.getByRole("link", { name: "half a credential" }).click();
    await heading("half a credential");
    await nowhere("secret-again");
    assert.deepEqual(page.complaints, []);
});

test("a credential shows that it has a secret, and changes without showing it", async () => {
    await page.goBack();
    await page.getByRole("link", { name: "orders", exact: true }).click();
    await heading("orders");
    await page.locator(".facts").getByText("set, and never shown").waitFor();
    await page.locator(".facts").getByText("app", { exact: true }).waitFor();
    const password = async () => (await brokered()).find((one) => one.username === "app" && !one.domain).password;
    await button("Edit").click();
    await axe(page, "editing a credential");
    assert.equal(await page.getByLabel("Password").inputValue(), "");
    await page.getByLabel("Description").fill("of the shop");
    await button("Save").click();
    await page.locator(".facts").getByText("of the shop").waitFor();
    assert.equal(await password(), "secret-orders"); // nothing typed: as it was
    await button("Edit").click();
    await page.getByLabel("Password").fill("secret-next");
    await button("Save").click();
    await page.getByText("Saved the credential.").waitFor();
    assert.equal(await password(), "secret-next");
    await nowhere("secret-next");
    assert.deepEqual(page.complaints, []);
});

test("when two set another password, who saves later is asked", async () => {
    const id = page.url().split("/").at(-1);
    const path = `/v1/credentials/${id}`;
    const theirs = async (body) => world.api("PATCH", path, { version: (await world.api("GET", path, undefined, token)).version, ...body }, token);
    const password = async () => (await brokered()).find((one) => one.username === "app" && !one.domain).password;
    await button("Edit").click();
    await page.getByLabel("Password").fill("secret-mine");
    await theirs({ attributes: { password: "secret-theirs" } });
    await button("Save").click();
    await page.getByText("Password: both have set another one.").waitFor();
    assert.equal(await password(), "secret-theirs");
    await button("Take theirs").click();
    assert.equal(await page.getByLabel("Password").inputValue(), "");
    await page.getByLabel("Password").fill("secret-mine");
    await theirs({ description: "somebody's" });
    await button("Save").click();
    await page.getByText("Their changes and yours do not touch the same fields").waitFor();
    await button("Save").click();
    await page.locator(".facts").getByText("somebody's").waitFor();
    assert.equal(await password(), "secret-mine");
    assert.deepEqual(page.complaints, []);
});

test("a target hands credentials out, and no longer", async () => {
    await page.goto(`${world.address}/#/targets/ttcp_0987654321`);
    const from = page.getByRole("region", { name: "Brokered credentials from Database logins" });
    await from.getByText("None: a session gets no credentials from here.").waitFor();
    await from.getByRole("combobox").selectOption({ index: 1 });
    await from.getByRole("button", { name: "Add", exact: true }).click();
    await from.getByRole("listitem").waitFor();
    await axe(page, "a target with credentials");
    const handed = async () => (await world.api("POST", "/v1/targets/ttcp_0987654321:authorize-session", {}, token)).credentials?.length ?? 0;
    assert.equal(await handed(), 1);
    await from.getByRole("button", { name: /^Remove cred/ }).click();
    await from.getByText("None: a session gets no credentials from here.").waitFor();
    assert.equal(await handed(), 0);
    assert.deepEqual(page.complaints, []);
});

test("a credential is deleted, and a store with all of its own", async () => {
    await page.goto(`${world.address}/#/credential-stores`);
    await page.getByRole("link", { name: "Database logins" }).click();
    await page.getByRole("link", { name: "cache", exact: true }).click();
    await button("Delete").click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete credential" }).click();
    await heading("Database logins");
    await page.getByRole("link", { name: "orders", exact: true }).waitFor();
    assert.equal(await page.getByRole("link", { name: "cache", exact: true }).count(), 0);
    await button("Delete").click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete credential store" }).click();
    await heading("Credential stores");
    await page.getByText("No credential stores here.").waitFor();
    assert.deepEqual(await brokered(), undefined);
    assert.deepEqual(page.complaints, []);
});
