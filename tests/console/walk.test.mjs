// The user's job in a browser: log in, find the session that a real ssh made, watch its connection,
// end it.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { watchShift } from "./support/shift.mjs";
import { SshServer } from "./support/ssh.mjs";
import { eventually, logIn, openPage, startBrowser, World } from "./support/world.mjs";

let world, browser, sshd, folder;
const clients = [];
before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "console-ssh-"));
    sshd = await SshServer.start(folder);
    world = await World.start({ targetPort: sshd.port });
    world.usesAgent = true;
    browser = await startBrowser();
    await world.agentctlLogin();
});
after(async () => {
    await browser?.close();
    for (const client of clients) if (client.exit === null) client.process.kill();
    await world?.stop();
    sshd?.stop();
    if (folder) rmSync(folder, { recursive: true, force: true });
});

/// ssh that runs `cat` over there and has had an answer.
async function ssh(words) {
    const client = sshd.client(words, world.environment, "cat");
    clients.push(client);
    client.process.stdin.write("x".repeat(5000));
    await eventually("the bytes come back", () => {
        if (client.exit !== null) throw new Error(`ssh ended with ${client.exit}: ${client.said}`);
        return client.received === 5000;
    });
    return client;
}

test("somebody logs in, sees the session of their ssh, watches its connection and cancels it, and the ssh ends", async () => {
    const made = JSON.parse((await world.agentctl("connect", "-detach", "-target-id", "ttcp_1234567890", "-format", "json")).split("\n")[0]);
    const client = await ssh(["-p", String(made.port), "127.0.0.1"]);
    const page = await openPage(browser);
    const shifts = await watchShift(page);
    await logIn(page, world);
    const row = page.locator(`tr[data-id="${made.session_id}"]`);
    await row.waitFor();
    await row.getByText("active").waitFor();
    await row.getByText("Generated target with a direct address").waitFor();
    await row.getByRole("cell", { name: "1", exact: true }).waitFor(); // its connections, read in the background

    await page.getByRole("link", { name: made.session_id }).click();
    await page.getByText("1 open, 1 in all").waitFor();
    await page.locator(".facts").getByText(/↑ \d\.\d kB\s*↓ \d\.\d kB|↑ 1\d kB\s*↓ 1\d kB/).waitFor();
    client.process.stdin.write("y".repeat(400_000));
    await eventually("more bytes come back", () => client.received === 405_000);
    await page.locator(".facts").getByText(/↑ 4[0-4]\d kB\s*↓ 4[0-4]\d kB/).waitFor(); // ssh adds some of its own
    await page.getByRole("img", { name: /^Up [1-9].* per second$/ }).waitFor(); // the chart
    await page.getByRole("region", { name: "States" }).getByText("pending").waitFor();

    await page.getByRole("button", { name: "Cancel session" }).click();
    const dialog = page.getByRole("dialog", { name: "Cancel this session?" });
    await dialog.getByText(made.session_id).waitFor();
    assert.equal(client.exit, null);
    await dialog.getByRole("button", { name: "Cancel session" }).click();
    await eventually("ssh ends", () => client.exit !== null);
    assert.equal(client.exit, 255); // what ssh says when its connection is lost
    await page.locator(".bar").getByText("terminated").waitFor();
    await page.getByText("0 open, 1 in all").waitFor();
    await page.locator(".facts").getByText("canceled").waitFor();
    assert.deepEqual(await shifts(), []);
    assert.deepEqual(page.complaints, []);
    await page.context().close();
});

test("keys alone do it, for an ssh that goes through agentctl by itself: search, move, select, cancel", async () => {
    const client = await ssh(["-o", `ProxyCommand=agentctl connect -target-id %h -stdio`, "ttcp_1234567890"]);
    const page = await openPage(browser);
    await logIn(page, world);
    const row = page.locator("tbody tr", { hasText: "active" });
    await row.waitFor();
    const session = await row.getAttribute("data-id");
    await page.keyboard.press("/");
    await page.keyboard.type(session.toLowerCase());
    await eventually("the search leaves one row", async () => (await page.locator("tbody tr").count()) === 1);
    await page.locator("input[type=search]").evaluate((input) => input.blur());
    await page.keyboard.press("j");
    await page.keyboard.press("x");
    assert.equal(await page.getByLabel(`Select ${session}`).isChecked(), true);
    await page.keyboard.press("c");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    assert.equal(client.exit, null);
    await page.keyboard.press("c");
    await page.getByRole("dialog").getByRole("button", { name: "Cancel session" }).press("Enter");
    await eventually("ssh ends", () => client.exit !== null);
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keys" }).waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("g");
    await page.keyboard.press("t");
    await page.getByRole("link", { name: /^Generated / }).first().waitFor();
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: /^Generated /, level: 1 }).waitFor();
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
