// The user's job in a browser: log in, find the session that a real client made, watch its connections, end it.
import assert from "node:assert/strict";
import net from "node:net";
import { after, before, test } from "node:test";
import { eventually, logIn, openPage, startBrowser, startEcho, World } from "./support/world.mjs";

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
    await world?.stop();
    echo?.stop();
});

/// A proxy of the real agent with one connection through it that has carried bytes.
async function connectForReal() {
    const made = JSON.parse((await world.agentctl("connect", "-detach", "-target-id", "ttcp_1234567890", "-format", "json")).split("\n")[0]);
    const client = net.connect(made.port, "127.0.0.1");
    const seen = { session: made.session_id, client, received: 0, closed: false };
    client.on("data", (data) => (seen.received += data.length)).on("error", () => {}).on("close", () => (seen.closed = true));
    client.write("x".repeat(5000));
    await eventually("the bytes come back", () => seen.received === 5000);
    return seen;
}

test("somebody logs in, sees the session that agentctl made, watches its connection and cancels it, and the connection ends", async () => {
    const real = await connectForReal();
    const page = await openPage(browser);
    await logIn(page, world);
    const row = page.locator(`tr[data-id="${real.session}"]`);
    await row.waitFor();
    await row.getByText("active").waitFor();
    await row.getByText("Generated target with a direct address").waitFor();
    await row.getByRole("cell", { name: "1", exact: true }).waitFor(); // its connections, read in the background

    await page.getByRole("link", { name: real.session }).click();
    await page.getByText("1 open, 1 in all").waitFor();
    const before = real.received;
    real.client.write("y".repeat(400_000));
    await eventually("more bytes come back", () => real.received === before + 400_000);
    await page.getByText(/↑ 40\d kB · ↓ 40\d kB/).waitFor();
    await page.getByRole("region", { name: "States" }).getByText("pending").waitFor();

    await page.getByRole("button", { name: "Cancel session" }).click();
    const dialog = page.getByRole("dialog", { name: "Cancel this session?" });
    await dialog.getByText(real.session).waitFor();
    assert.equal(real.closed, false);
    await dialog.getByRole("button", { name: "Cancel session" }).click();
    await eventually("the client's connection ends", () => real.closed);
    await page.locator(".bar").getByText("terminated").waitFor();
    await page.getByText("0 open, 1 in all").waitFor();
    await page.locator(".facts").getByText("canceled").waitFor();
    assert.deepEqual(page.complaints, []);
    await page.context().close();
});

test("keys alone do it: search, move, select, cancel", async () => {
    const real = await connectForReal();
    const page = await openPage(browser);
    await logIn(page, world);
    await page.locator(`tr[data-id="${real.session}"]`).waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type(real.session.toLowerCase());
    await eventually("the search leaves one row", async () => (await page.locator("tbody tr").count()) === 1);
    await page.locator("input[type=search]").evaluate((input) => input.blur());
    await page.keyboard.press("j");
    await page.keyboard.press("x");
    assert.equal(await page.getByLabel(`Select ${real.session}`).isChecked(), true);
    await page.keyboard.press("c");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    assert.equal(real.closed, false);
    await page.keyboard.press("c");
    await page.getByRole("dialog").getByRole("button", { name: "Cancel session" }).press("Enter");
    await eventually("the client's connection ends", () => real.closed);
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keys" }).waitFor();
    assert.deepEqual(page.complaints, []);
    await page.context().close();
});

test("two tabs that cancel the same session both say what came of it", async () => {
    const token = await world.token();
    const { session_id: id } = await world.api("POST", "/v1/targets/ttcp_1234567890:authorize-session", {}, token);
    const tabs = [await openPage(browser), await openPage(browser)];
    for (const tab of tabs) {
        await logIn(tab, world, "admin", `#/sessions/${id}`);
        await tab.getByRole("button", { name: "Cancel session" }).click();
        await tab.getByRole("dialog").waitFor();
    }
    await tabs[0].getByRole("dialog").getByRole("button", { name: "Cancel session" }).click();
    await tabs[0].getByText("Cancelled the session.").waitFor();
    await tabs[1].getByRole("dialog").getByRole("button", { name: "Cancel session" }).click();
    await tabs[1].getByText("It was over already.").waitFor();
    for (const tab of tabs) {
        await tab.locator(".bar").getByText(/canceling|terminated/).waitFor();
        assert.deepEqual(tab.complaints, []);
        await tab.context().close();
    }
});
