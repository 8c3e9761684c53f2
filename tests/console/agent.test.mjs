// `agentctl console`: the page in front of the agent, which holds the login. The browser never sees
// a token.
import assert from "node:assert/strict";
import net from "node:net";
import { after, before, test } from "node:test";
import { axe } from "./support/axe.mjs";
import { eventually, openPage, startBrowser, startEcho, World } from "./support/world.mjs";

let world, browser, echo;
before(async () => {
    echo = await startEcho();
    world = await World.start({ targetPort: echo.port });
    world.usesAgent = true;
    browser = await startBrowser();
    await world.agentctlLogin();
});
after(async () => {
    await browser?.close();
    for (const pid of consoles) if (alive(pid)) process.kill(pid, "SIGTERM");
    await world?.stop();
    echo?.stop();
});

const consoles = [];
const alive = (pid) => {
    try {
        return process.kill(pid, 0);
    } catch {
        return false;
    }
};
async function startConsole(...words) {
    const started = JSON.parse(await world.agentctl("console", "-no-open", "-format", "json", ...words));
    consoles.push(started.pid);
    return started;
}

test("its address opens once, needs no log in, and shows sessions and proxies; the token stays in the agent", async () => {
    const { address } = await startConsole();
    const page = await openPage(browser);
    const seen = [];
    page.on("response", async (response) => seen.push(response.url() + JSON.stringify(response.headers()) + (await response.text().catch(() => ""))));
    page.on("request", (request) => seen.push(JSON.stringify(request.headers()).replace(/agent_console_\d+=\w+/, "")));
    await page.goto(address);
    await page.getByRole("link", { name: "Proxies" }).click();
    await page.getByText("No proxy is running.").waitFor();
    assert.equal(new URL(page.url()).search, ""); // the one-time token is gone from the address

    await page.getByLabel("Target", { exact: true }).selectOption("ttcp_1234567890");
    await page.getByRole("button", { name: "Connect on this machine" }).click();
    const endpoint = await page.locator(".card code").textContent();
    const client = net.connect(Number(endpoint.split(":")[1]), "127.0.0.1");
    let closed = false;
    client.on("error", () => {}).on("close", () => (closed = true)).on("data", () => {});
    client.write("hello");
    await page.getByText("1 open, 1 in all").waitFor();
    await axe(page, "proxies");
    await page.getByRole("button", { name: /^Why is/ }).click();
    await page.getByRole("dialog").getByText(/since/).first().waitFor();
    await axe(page, "why");
    await page.getByRole("button", { name: "Close" }).click();
    await page.getByRole("link", { name: /^s_/ }).click();
    await page.getByRole("heading", { level: 1, name: /^s_/ }).waitFor();
    await page.getByRole("link", { name: "Proxies" }).click();
    await page.getByRole("button", { name: /^Disconnect/ }).click();
    await eventually("the connection ends", () => closed);
    await page.getByText("No proxy is running.").waitFor();

    // a change goes through with the agent's login
    await page.getByRole("link", { name: "Scopes" }).click();
    await page.getByRole("button", { name: "New org" }).click();
    await page.getByLabel("Name").fill("made in a browser");
    await page.getByRole("button", { name: "Make org" }).click();
    await page.getByRole("link", { name: "made in a browser" }).waitFor();
    // and so do actions and secrets
    const made = async (path, body) => (await world.api("POST", path, body, await world.token())).id;
    const role = await made("/v1/roles", { scope_id: "global", name: "a role" });
    await page.goto(`${new URL(address).origin}/#/roles/${role}`);
    await page.getByLabel("New grant").fill("ids=*;type=target;actions=list");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Remove ids=*;type=target;actions=list" }).waitFor();
    const store = await made("/v1/credential-stores", { scope_id: "p_1234567890", type: "static", name: "a store" });
    await page.goto(`${new URL(address).origin}/#/credential-stores/${store}`);
    await page.getByRole("button", { name: "New credential" }).click();
    await page.getByLabel("Name", { exact: true }).fill("a credential");
    await page.getByLabel("User name").fill("app");
    await page.getByLabel("Password").fill("secret-of-the-app");
    await page.getByRole("button", { name: "Make credential" }).click();
    await page.getByRole("link", { name: "a credential" }).waitFor();

    await eventually("the answers are read", () => seen.length > 10);
    assert.equal(seen.some((text) => /at_\w{10}_/.test(text)), false, "a token reached the browser");
    assert.equal(await page.evaluate(() => JSON.stringify({ ...sessionStorage, ...localStorage, cookie: document.cookie })).then((text) => /at_\w{10}_|agent_console/.test(text)), false);
    assert.deepEqual(page.complaints, []);

    const other = await openPage(browser);
    const refused = await other.goto(address);
    assert.equal(refused.status(), 403);
    await other.getByText("Run `agentctl console`").waitFor();
    assert.equal((await page.goto(address)).status(), 200); // the browser that paid may use its old address
    await page.context().close();
    await other.context().close();
});

test("another page in the same browser can neither read nor change anything", async () => {
    const { address } = await startConsole();
    const origin = new URL(address).origin;
    const page = await openPage(browser);
    await page.goto(address);
    await page.getByRole("navigation", { name: "Views" }).waitFor();
    const foreign = await page.context().newPage();
    await foreign.goto(world.address + "/no-such-page"); // the dev server: another origin on the same host, so cookies go along
    const outcome = await foreign.evaluate(async (origin) => {
        const tried = [];
        for (const [path, options] of [["/agent/status", {}], ["/agent/logout", { method: "POST", body: "{}", mode: "no-cors", credentials: "include" }], ["/v1/scopes", { mode: "no-cors", credentials: "include" }]])
            tried.push(await fetch(origin + path, options).then((answer) => answer.type, () => "refused"));
        return tried;
    }, origin);
    assert.equal(outcome[0], "refused");
    // nothing has happened: the login is still there
    await page.reload();
    await page.getByRole("navigation", { name: "Views" }).waitFor();
    const renamed = await page.request.get(address.replace("127.0.0.1", "localhost")).then((answer) => answer.status());
    assert.equal(renamed, 421);
    await page.context().close();
});

test("logging out names the sessions that it ends; logging in again is done on the page", async () => {
    const { address } = await startConsole();
    const made = JSON.parse((await world.agentctl("connect", "-detach", "-target-id", "ttcp_1234567890", "-format", "json")).split("\n")[0]);
    const page = await openPage(browser);
    await page.goto(address + "#/me");
    await page.goto(new URL(address).origin + "/#/me");
    await page.getByRole("button", { name: "Log out" }).click();
    const dialog = page.getByRole("dialog", { name: "Log out?" });
    await dialog.getByText("This ends one session").waitFor();
    await dialog.getByText(made.session_id).waitFor();
    await dialog.getByRole("button", { name: "Log out and end them" }).click();
    await page.getByRole("button", { name: "Log in" }).waitFor();
    await assert.rejects(world.agentctl("sessions", "list", "-scope-id", "p_1234567890"));
    await page.getByLabel("Login name").fill("admin");
    await page.getByLabel("Password").fill("wrong-password");
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByText("Unable to authenticate.").waitFor();
    await page.getByLabel("Password").fill("password");
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("navigation", { name: "Views" }).waitFor();
    await world.agentctl("sessions", "list", "-scope-id", "p_1234567890"); // the agent holds it
    assert.deepEqual(page.complaints, []);
    await page.context().close();
});

test("it ends by itself when nobody uses it", async () => {
    const { pid } = await startConsole("-idle-timeout", "300ms");
    await eventually("the console ends", () => !alive(pid));
});
