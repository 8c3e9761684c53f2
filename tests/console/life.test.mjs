// What goes wrong while somebody works: the login ends, the controller restarts, somebody else
// saves first.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axe } from "./support/axe.mjs";
import { eventually, logIn, openPage, startBrowser, World } from "./support/world.mjs";

let world, browser;
before(async () => {
    world = await World.start();
    browser = await startBrowser();
});
after(async () => {
    await browser?.close();
    await world?.stop();
});

const ownToken = (page) => page.evaluate(() => JSON.parse(sessionStorage.getItem("boundary-console-login")));

test("a login that ends opens a dialog; what was typed is still there after logging in again", async () => {
    const page = await openPage(browser);
    await logIn(page, world, "admin", "#/targets/ttcp_1234567890");
    await page.getByRole("button", { name: "Edit" }).click();
    await page.getByLabel("Description").fill("half a thought");
    const { token, token_id } = await ownToken(page);
    await world.api("DELETE", `/v1/auth-tokens/${token_id}`, undefined, token);
    const dialog = page.getByRole("dialog", { name: "Your login has ended" });
    await dialog.waitFor(); // by itself: the view asks again and is refused
    for (let times = 0; times < 3; times += 1) await page.keyboard.press("Escape"); // there is nothing behind it to go on with
    await dialog.getByLabel("Password").fill("password");
    await dialog.getByRole("button", { name: "Log in", exact: true }).click();
    await dialog.waitFor({ state: "detached" });
    assert.equal(await page.getByLabel("Description").inputValue(), "half a thought");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.locator(".facts").getByText("half a thought").waitFor();
    assert.deepEqual(page.complaints, []);
    await page.context().close();
});

test("what somebody typed is not there for who logs in after them in the same tab", async () => {
    const page = await openPage(browser);
    await logIn(page, world, "admin", "#/users");
    await page.getByRole("button", { name: "New user" }).click();
    await page.getByRole("dialog").getByLabel("Name", { exact: true }).fill("half a user");
    await page.getByRole("button", { name: "Close" }).click();
    const again = async () => {
        await page.getByRole("button", { name: "New user" }).click();
        const name = await page.getByRole("dialog").getByLabel("Name", { exact: true }).inputValue();
        await page.getByRole("button", { name: "Close" }).click();
        return name;
    };
    assert.equal(await again(), "half a user");
    await page.goto(`${world.address}/#/me`);
    await page.getByRole("button", { name: "Log out…" }).click();
    await page.getByRole("dialog").getByRole("button", { name: /^Log out/ }).click();
    await page.getByLabel("Login name").fill("admin");
    await page.getByLabel("Password").fill("password");
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("link", { name: "Users" }).click();
    await page.getByRole("heading", { name: "Users" }).waitFor();
    assert.equal(await again(), "");
    assert.deepEqual(page.complaints, []);
    await page.context().close();
});

test("who presses Log in before the auth methods have come is logged in when they have", async () => {
    const page = await openPage(browser);
    let letGo;
    const held = new Promise((resolve) => (letGo = resolve));
    await page.route("**/v1/auth-methods?*", async (route) => {
        await held;
        await route.continue();
    });
    await page.goto(world.address);
    await page.getByLabel("Login name").fill("admin");
    await page.getByLabel("Password").fill("password");
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("button", { name: "Logging in…" }).waitFor();
    letGo();
    await page.getByRole("navigation", { name: "Views" }).waitFor();
    assert.deepEqual(page.complaints, []);
    await page.context().close();
});

test("while the controller is away the page says since when; afterwards it goes on by itself", async () => {
    const page = await openPage(browser);
    await logIn(page, world);
    await page.getByText("live", { exact: true }).waitFor();
    const port = new URL(world.address).port;
    await world.stopServer();
    await page.getByText(/not reachable since \d/).waitFor();
    await page.getByRole("heading", { name: "Sessions" }).waitFor(); // what was there stays
    await axe(page, "not reachable");
    await world.startServer(`127.0.0.1:${port}`);
    await page.getByText("live", { exact: true }).waitFor();
    const { session_id: id } = await world.api("POST", "/v1/targets/ttcp_1234567890:authorize-session", {}, await world.token());
    await page.getByRole("link", { name: id }).waitFor(); // its list token and its login are good still
    await page.context().close();
});

test("a hidden tab asks nothing, and catches up when it is looked at again", async () => {
    const page = await openPage(browser);
    await page.addInitScript(() => {
        window.tabHidden = false;
        Object.defineProperty(document, "hidden", { get: () => window.tabHidden });
    });
    await logIn(page, world);
    await page.getByText("live", { exact: true }).waitFor();
    let requests = 0;
    page.on("request", () => (requests += 1));
    const hide = (hidden) =>
        page.evaluate((hidden) => {
            window.tabHidden = hidden;
            document.dispatchEvent(new Event("visibilitychange"));
        }, hidden);
    await eventually("it asks while it is seen", () => requests > 0);
    await hide(true);
    await eventually("requests under way end, then none comes in twice the slowest rate of this view", async () => {
        const before = requests;
        await page.waitForTimeout(5200);
        return requests === before;
    });
    const { session_id: id } = await world.api("POST", "/v1/targets/ttcp_1234567890:authorize-session", {}, await world.token());
    await hide(false);
    await page.getByRole("link", { name: id }).waitFor();
    await page.context().close();
});

test("when somebody else saves first, both sides are shown, and neither is lost", async () => {
    const token = await world.token();
    const made = await world.api("POST", "/v1/targets", { scope_id: "p_1234567890", type: "tcp", name: "contended", address: "127.0.0.1", attributes: { default_port: 22 } }, token);
    const page = await openPage(browser);
    await logIn(page, world, "admin", `#/targets/${made.id}`);
    await page.getByRole("button", { name: "Edit" }).click();
    await page.getByLabel("Name").fill("mine");
    await page.getByLabel("Description").fill("my words");
    await world.api("PATCH", `/v1/targets/${made.id}`, { version: made.version, name: "theirs", address: "localhost" }, token);
    await page.getByRole("button", { name: "Save", exact: true }).click();
    const alert = page.getByRole("alert");
    await alert.getByText("Somebody else saved this target while you were editing.").waitFor();
    await alert.getByText(/theirs is “theirs”, yours “mine”/).waitFor();
    assert.equal(await page.getByLabel("Address").inputValue(), "localhost"); // what does not clash is taken over
    assert.equal(await page.getByLabel("Name").inputValue(), "mine");
    await page.getByRole("button", { name: "Save mine over it" }).click();
    await page.getByRole("heading", { name: "mine", level: 1 }).waitFor();
    const now = await world.api("GET", `/v1/targets/${made.id}`, undefined, token);
    assert.equal(now.name, "mine");
    assert.equal(now.description, "my words");
    assert.equal(now.address, "localhost");
    assert.deepEqual(page.complaints, []);
    await page.context().close();
});

test("an error is shown in the API's words, beside its field, and the form keeps what was typed", async () => {
    const page = await openPage(browser);
    await logIn(page, world, "admin", "#/targets");
    await page.getByLabel("Scope that lists start from").selectOption("p_1234567890");
    await page.getByRole("button", { name: "New target" }).click();
    const dialog = page.getByRole("dialog", { name: "New target" });
    await dialog.getByLabel("Name").fill("a name");
    await dialog.getByLabel("Port (needed)").fill("99999");
    await dialog.getByRole("button", { name: "Make target" }).click();
    await dialog.getByText("This field must be a whole number from 1 to 65535.").first().waitFor();
    assert.equal(await dialog.getByLabel("Port (needed)").getAttribute("aria-invalid"), "true");
    await dialog.getByRole("button", { name: "Close" }).click();
    await page.getByRole("link", { name: "Scopes" }).click();
    await page.getByRole("link", { name: "Targets" }).click();
    await page.getByRole("button", { name: "New target" }).click();
    assert.equal(await dialog.getByLabel("Name").inputValue(), "a name");
    await dialog.getByLabel("Port (needed)").fill("9a");
    await dialog.getByRole("button", { name: "Make target" }).click();
    await dialog.getByText("This must be a whole number.").waitFor();
    await dialog.getByLabel("Port (needed)").fill("99");
    await dialog.getByRole("button", { name: "Make target" }).click();
    await page.getByRole("heading", { name: "a name", level: 1 }).waitFor();
    await page.context().close();
});
