// Called by first_view: medians of what Chromium itself recorded (Paint and Navigation Timing) and
// of what a mark in the page saw, each visit in a browser context of its own, so that no cache
// helps, then the same page reloaded.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { logIn, openPage, startBrowser, World } from "../console/support/world.mjs";

const visits = Number(process.argv[2]);
const root = path.join(import.meta.dirname, "../..");
const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
const say = (numbers) => `${median(numbers).toFixed(0)} | ${Math.min(...numbers).toFixed(0)}–${Math.max(...numbers).toFixed(0)}`;

/// When an element that fits `selector` was first painted: the frame after it came.
async function markWhenShown(page, selector) {
    await page.addInitScript((selector) => {
        const seen = () => {
            if (window.shownAt || !document.querySelector(selector)) return;
            window.shownAt = -1;
            requestAnimationFrame(() => setTimeout(() => (window.shownAt = performance.now())));
        };
        new MutationObserver(seen).observe(document, { childList: true, subtree: true });
    }, selector);
}
async function timings(page) {
    await page.waitForFunction(() => window.shownAt > 0 && performance.getEntriesByName("first-contentful-paint").length > 0);
    return page.evaluate(() => ({ paint: performance.getEntriesByName("first-contentful-paint")[0].startTime, shown: window.shownAt, loaded: performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd }));
}

const world = await World.start();
const browser = await startBrowser();
const results = [];
async function measure(title, selector, visit) {
    const all = [];
    for (let i = 0; i <= visits; ++i) {
        const page = await openPage(browser, { reducedMotion: "no-preference" });
        await markWhenShown(page, selector);
        await visit(page);
        const one = await timings(page);
        if (i > 0) all.push(one); // the first warms the browser and the server up
        await page.context().close();
    }
    results.push(`| ${title} | ${say(all.map((one) => one.paint))} | ${say(all.map((one) => one.shown))} | ${say(all.map((one) => one.loaded))} |`);
}

let lists = "";
try {
    const token = await world.token();
    for (let i = 0; i < 20; ++i) await world.api("POST", "/v1/targets/ttcp_1234567890:authorize-session", {}, token);
    await measure("log in (cold)", "form.login", (page) => page.goto(world.address));
    const reloaded = async (page) => {
        await logIn(page, world);
        await page.locator("tbody tr").first().waitFor();
        await page.reload();
    };
    await measure("20 sessions, reloaded", "tbody tr", reloaded);

    const port = new URL(world.address).port;
    await world.stopServer();
    execFileSync("python3", [path.join(root, "tests/console/support/fill_sessions.py"), path.join(world.folder, "dev.db"), "10000"]);
    const before = performance.now();
    await world.startServer(`127.0.0.1:${port}`);
    const start = performance.now() - before;
    await measure("10,000 sessions, reloaded", "tbody tr", reloaded);

    const headers = { Authorization: `Bearer ${await world.token()}` };
    const list = `${world.address}/v1/sessions?scope_id=global&recursive=true&include_terminated=true`;
    const asked = async (more) => {
        const times = [];
        let answer;
        for (let i = 0; i <= visits; ++i) {
            const begin = performance.now();
            answer = await (await fetch(list + more, { headers })).text();
            if (i > 0) times.push(performance.now() - begin);
        }
        return { times, answer: JSON.parse(answer), size: answer.length };
    };
    const first = await asked("&page_size=100");
    const thousand = await asked("&page_size=1000");
    const next = await asked("&page_size=1000&list_token=" + thousand.answer.list_token);
    let walk = thousand.answer;
    const begin = performance.now();
    while (walk.response_type === "delta") walk = await (await fetch(`${list}&page_size=1000&list_token=${walk.list_token}`, { headers })).json();
    const rest = performance.now() - begin;
    const refresh = await asked("&page_size=1000&list_token=" + walk.list_token);
    lists = `
| the dev server and 10,000 sessions | ms, median | ms, lowest–highest |
|---|---|---|
| start on the state file | ${start.toFixed(0)} | |
| first page of 100 | ${say(first.times)} |
| first page of 1,000 (${Math.round(thousand.size / 1000)} kB) | ${say(thousand.times)} |
| second page of 1,000 | ${say(next.times)} |
| the remaining nine pages together | ${rest.toFixed(0)} | |
| a refresh in which nothing has changed | ${say(refresh.times)} |`;
} finally {
    await browser.close();
    await world.stop();
}

const dist = path.join(root, "src/console/dist");
const gzipped = readdirSync(dist).map((name) => gzipSync(readFileSync(path.join(dist, name)), { level: 9 }).length).reduce((a, b) => a + b);
console.log(`${new Date().toISOString().slice(0, 10)}, ${os.cpus().length} × ${os.cpus()[0].model}, load ${os.loadavg()[0].toFixed(1)} at the end, ${execFileSync("chromium", ["--version", "--no-sandbox"]).toString().trim()}, ${visits} visits each. The page is ${(gzipped / 1024).toFixed(1)} KB gzipped.

| ms since the navigation | first contentful paint | lowest–highest | the view itself | lowest–highest | DOM loaded | lowest–highest |
|---|---|---|---|---|---|---|
${results.join("\n")}
${lists}`);
