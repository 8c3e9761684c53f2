// Workers: looked at, named, tagged, made both ways, deleted.
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
});
after(async () => {
    await browser?.close();
    await world?.stop();
});

const heading = (name) => page.getByRole("heading", { name, level: 1, exact: true }).waitFor();
const read = (id) => world.api("GET", `/v1/workers/${id}`, undefined, token);
const tags = () => page.getByRole("region", { name: "Tags given here" });
const field = (label) => page.getByRole("dialog").getByLabel(label);
const open = async () => {
    await page.getByRole("button", { name: "New worker" }).click();
    await page.getByRole("dialog").waitFor();
};
const make = () => page.getByRole("button", { name: "Make worker" }).click();

test("a worker shows where it is and since when it is seen, and is named as workers are", async () => {
    await page.keyboard.press("g");
    await page.keyboard.press("w");
    await heading("Workers");
    await page.locator("tbody tr").getByText(/^127\.0\.0\.1:\d+$/).waitFor();
    await page.getByRole("link", { name: "w_1234567890" }).click();
    await heading("w_1234567890");
    await page.locator(".facts").getByText(/^agent-dev-server v/).waitFor();
    await page.getByRole("button", { name: "Edit" }).click();
    await page.getByLabel("Name", { exact: true }).fill("Worker One");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.locator(".field.bad .complaint", { hasText: /lowercase/ }).waitFor();
    await page.getByLabel("Name", { exact: true }).fill("worker-one");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await heading("worker-one");
    assert.deepEqual(page.complaints, []);
});

test("a worker gets tags beside those of its configuration, and loses them", async () => {
    const configured = page.getByRole("region", { name: "Tags of its configuration" });
    await configured.getByText("type = dev").waitFor();
    assert.equal(await configured.getByRole("button").count(), 0);
    const add = async (key, value) => {
        await tags().getByLabel("Key of the new tag").fill(key);
        await tags().getByLabel("Value of the new tag").fill(value);
        await page.keyboard.press("Enter");
        await tags().getByText(`${key} = ${value}`, { exact: true }).waitFor();
    };
    await tags().getByText("None. Targets can choose").waitFor();
    await add("region", "east");
    await add("region", "west");
    await add("__proto__", "a=b");
    await axe(page, "a worker with tags");
    assert.equal(JSON.stringify((await read("w_1234567890")).api_tags), '{"region":["east","west"],"__proto__":["a=b"]}');
    await tags().getByRole("button", { name: "Remove __proto__ = a=b" }).click();
    await tags().getByText("a=b").waitFor({ state: "detached" });
    await tags().getByRole("button", { name: "Remove region = east" }).click();
    await tags().getByText("region = east").waitFor({ state: "detached" });
    assert.deepEqual((await read("w_1234567890")).api_tags, { region: ["west"] });
    assert.deepEqual(page.complaints, []);
});

test("a worker is made by the token that it has printed, or is given one that is shown once", async () => {
    await page.goto(`${world.address}/#/workers`);
    await open();
    await field(/^Name/).fill("printed");
    await field(/^Token of the worker/).fill("not base58: 0OIl");
    await axe(page, "new worker");
    await make();
    await page.locator(".field.bad .complaint", { hasText: /base58/ }).waitFor();
    await field(/^Token of the worker/).fill("GzusqckarbczHoLGQ4UA25uSQrT");
    await make();
    await heading("printed");

    await page.goto(`${world.address}/#/workers`);
    await open();
    await field("Type").selectOption("controller-led");
    assert.equal(await field(/^Token of the worker/).count(), 0);
    await field(/^Name/).fill("given");
    await make();
    const dialog = page.getByRole("dialog");
    const given = await dialog.locator("code").innerText();
    assert.match(given, /^neslat_/);
    await axe(page, "an activation token");
    await dialog.getByRole("button", { name: "Done" }).click();
    await heading("given");
    await eventually("the token is nowhere", async () => assert.deepEqual(await traces(page, given), []) ?? true);

    const id = page.url().split("/").at(-1);
    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete worker" }).click();
    await heading("Workers");
    await page.getByRole("link", { name: "printed" }).waitFor();
    assert.equal(await page.getByRole("link", { name: "given" }).count(), 0);
    await assert.rejects(read(id), /404/);
    assert.deepEqual(page.complaints, []);
});
