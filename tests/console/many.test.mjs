// Ten thousand sessions: seen, paged, searched, filtered and cancelled. They are written into the
// dev server's state file, because asking for them one by one would take minutes.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import path from "node:path";
import { after, before, test } from "node:test";
import { eventually, logIn, openPage, startBrowser, World } from "./support/world.mjs";

let world, browser;
before(async () => {
    world = await World.start();
    const port = new URL(world.address).port;
    await world.stopServer();
    execFileSync("python3", [path.join(import.meta.dirname, "support/fill_sessions.py"), path.join(world.folder, "dev.db"), "10000"]);
    await world.startServer(`127.0.0.1:${port}`);
    browser = await startBrowser();
});
after(async () => {
    await browser?.close();
    await world?.stop();
});

test("the first are there and can be worked with before the rest has come; nothing is lost when it comes", async () => {
    const page = await openPage(browser);
    let letGo;
    const held = new Promise((resolve) => (letGo = resolve));
    const sizes = [];
    await page.route(/\/v1\/sessions\?.*list_token=./, async (route) => {
        await held;
        await route.continue().catch(() => {}); // the page may be gone
    });
    page.on("response", async (response) => {
        if (response.url().includes("/v1/sessions?")) sizes.push((await response.json().catch(() => ({}))).items?.length ?? 0);
    });
    await logIn(page, world);
    await page.getByRole("link", { name: "s_0000009998" }).waitFor(); // the newest that lives
    const count = page.locator(".bar .count");
    assert.equal(await count.textContent(), "90…");
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await page.keyboard.press("x");
    assert.equal(await page.getByLabel("Select s_0000009997").isChecked(), true);
    await page.getByRole("searchbox").fill("s_000000999");
    await eventually("the search works", async () => (await page.locator("tbody tr").count()) === 9);
    await page.getByRole("searchbox").fill("");
    await page.getByRole("link", { name: "s_0000009997" }).focus();
    letGo();
    await eventually("all have come", async () => (await count.textContent()) === "9,000");
    assert.equal(await page.locator("tbody tr").count(), 50);
    assert.equal(await page.getByLabel("Select s_0000009997").isChecked(), true);
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "s_0000009997");
    // what follows are refreshes: none reads again what has not changed
    const read = () => sizes.reduce((a, b) => a + b);
    await eventually("each was sent once", () => read() === 10_000);
    const whole = sizes.length;
    await eventually("it has been refreshed", () => sizes.length >= whole + 2);
    assert.equal(read(), 10_000);
    assert.deepEqual(page.complaints, []);
    await page.context().close();
});

test("all can be paged through, searched, filtered, and cancelled fifty at a time", async () => {
    const page = await openPage(browser);
    await logIn(page, world);
    const count = page.locator(".bar .count");
    await eventually("all have come", async () => (await count.textContent()) === "9,000");
    await page.getByRole("button", { name: "Older" }).click();
    await page.getByText("51–100 of 9,000").waitFor();
    await page.keyboard.press("]");
    await page.getByText("101–150 of 9,000").waitFor();

    await page.getByRole("searchbox").fill("10.0.19.136");
    await page.getByRole("link", { name: "s_0000005000" }).waitFor();
    assert.equal(await page.locator("tbody tr").count(), 1);
    await page.getByRole("searchbox").fill("using host sources"); // by its target's name
    await eventually("a third of them", async () => (await count.textContent()) === "3,000");
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

    await page.getByLabel("ended too").uncheck();
    await page.getByLabel("Select all on this page").check();
    await page.getByRole("button", { name: "Cancel 50" }).click();
    const dialog = page.getByRole("dialog", { name: "Cancel 50 sessions?" });
    await dialog.getByText("and 42 more").waitFor();
    await dialog.getByRole("button", { name: "Cancel 50 sessions" }).click();
    await page.getByText("Cancelled 50 sessions.").waitFor();
    await page.getByLabel("Status").selectOption("pending");
    await eventually("the rest is still there", async () => (await count.textContent()) === "8,950");
    assert.deepEqual(page.complaints, []);
    await page.context().close();
});
