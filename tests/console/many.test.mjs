// Ten thousand sessions: found, paged, filtered and cancelled without waiting. They are written into the dev server's
// state file, because asking for them one by one would take minutes.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import path from "node:path";
import { after, before, test } from "node:test";
import { eventually, logIn, openPage, startBrowser, World } from "./support/world.mjs";

const fill = `
import sqlite3, sys, time
db = sqlite3.connect(sys.argv[1])
now = int(time.time() * 1e6)
for i in range(10000):
    id = "s_%010d" % i
    made = now - 3600_000_000 + i * 1000
    ended = i % 10 == 9
    db.execute("INSERT INTO resource (id, kind, type, scope_id, owner_id, created, updated, terminated) VALUES (?,?,?,?,?,?,?,?)",
               (id, "session", "tcp", "p_1234567890", "u_1234567890", made, now if ended else made, int(ended)))
    db.execute("INSERT INTO session (id, status, target_id, user_id, auth_token_id, host_set_id, host_id, endpoint, expiration, connection_limit, certificate, private_key, termination_reason) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
               (id, "terminated" if ended else "pending", "ttcp_1234567890" if i % 3 else "ttcp_0987654321", "u_1234567890", "", "", "", "tcp://10.0.%d.%d:22" % (i // 256, i % 256), now + 28800_000_000, -1, "AAAA", "AAAA", "canceled" if ended else ""))
    db.execute("INSERT INTO session_state (session_id, number, status, started) VALUES (?,1,'pending',?)", (id, made))
db.commit()
`;

let world, browser;
before(async () => {
    world = await World.start();
    const port = new URL(world.address).port;
    await world.stopServer();
    execFileSync("python3", ["-c", fill, path.join(world.folder, "dev.db")]);
    await world.startServer(`127.0.0.1:${port}`);
    browser = await startBrowser();
});
after(async () => {
    await browser?.close();
    await world?.stop();
});

test("ten thousand sessions: the first are there at once, all can be paged through, searched and filtered", async () => {
    const page = await openPage(browser);
    await logIn(page, world);
    await page.getByRole("link", { name: "s_0000009998" }).waitFor(); // the newest that lives, before the rest has come
    const count = page.locator(".bar .count");
    await eventually("all have come", async () => (await count.textContent()) === "9,000", 120_000);
    assert.equal(await page.locator("tbody tr").count(), 50);
    await page.getByRole("button", { name: "Older" }).click();
    await page.getByText("51–100 of 9,000").waitFor();
    await page.keyboard.press("]");
    await page.getByText("101–150 of 9,000").waitFor();

    await page.getByRole("searchbox").fill("10.0.19.136");
    await page.getByRole("link", { name: "s_0000005000" }).waitFor();
    assert.equal(await page.locator("tbody tr").count(), 1);
    await page.getByRole("searchbox").fill("s_000000999");
    await page.getByLabel("ended too").check();
    await page.getByRole("link", { name: "s_0000009999" }).waitFor();
    await eventually("all ten", async () => (await count.textContent()) === "10");
    await page.getByLabel("Status").selectOption("terminated");
    await eventually("one has ended", async () => (await count.textContent()) === "1");
    await page.getByLabel("Status").selectOption("");
    await page.getByRole("searchbox").fill("no such session");
    await page.getByText("No session fits.").waitFor();
    await page.getByRole("button", { name: "Show all" }).click();
    await eventually("all again", async () => (await count.textContent()) === "10,000");

    // many at once
    await page.getByLabel("ended too").uncheck();
    await page.getByLabel("Select all on this page").check();
    await page.getByRole("button", { name: "Cancel 50" }).click();
    const dialog = page.getByRole("dialog", { name: "Cancel 50 sessions?" });
    await dialog.getByText("and 42 more").waitFor();
    await dialog.getByRole("button", { name: "Cancel 50 sessions" }).click();
    await page.getByText("Cancelled 50 sessions.").waitFor();
    await page.getByLabel("Status").selectOption("canceling");
    await eventually("they are canceling", async () => (await count.textContent()) === "50");
    assert.deepEqual(page.complaints, []);
    await page.context().close();
});
