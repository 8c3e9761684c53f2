// Pictures of every view, to be looked at: light and dark, wide and narrow. By hand:
//   AGENT_PROGRAMS=$PWD/build/dev/bin CONSOLE_NODE=$PWD/build/console-web node
//   tests/console/support/pictures.mjs FOLDER
import { mkdirSync } from "node:fs";
import path from "node:path";
import { logIn, openPage, startBrowser, startEcho, World } from "./world.mjs";

const folder = process.argv[2];
mkdirSync(folder, { recursive: true });
const echo = await startEcho();
const world = await World.start({ targetPort: echo.port });
world.usesAgent = true;
const browser = await startBrowser();

async function fill() {
    const token = await world.token();
    const targets = [];
    for (const [name, port] of [["web-1 ssh", 22], ["orders database", 5432], ["cache", 6379]])
        targets.push(await world.api("POST", "/v1/targets", { scope_id: "p_1234567890", type: "tcp", name, description: `${name} of the shop`, address: "127.0.0.1", attributes: { default_port: echo.port, default_client_port: port + 30000 } }, token));
    await world.api("POST", "/v1/aliases", { scope_id: "global", type: "target", value: "db.shop.example", destination_id: targets[1].id }, token);
    const authorize = async (who, target) => (await world.api("POST", `/v1/targets/${target.id}:authorize-session`, {}, await world.token(who))).session_id;
    const sessions = [];
    for (const [who, target] of [["user", 2], ["user", 2], ["admin", 0], ["admin", 1], ["user", 0], ["user", 1]]) sessions.push(await authorize(who, targets[target]));
    await world.api("POST", `/v1/sessions/${sessions[2]}:cancel`, { version: 1 }, token);
    await world.agentctlLogin();
    const made = [];
    for (const target of targets.slice(0, 2)) made.push(JSON.parse((await world.agentctl("connect", "-detach", "-target-id", target.id, "-format", "json")).split("\n")[0]));
    const { connect } = await import("node:net");
    const clients = made.flatMap(({ port }, index) => Array.from({ length: index + 1 }, () => connect(port, "127.0.0.1")));
    for (const client of clients) client.on("error", () => {}).on("data", () => {});
    const timer = setInterval(() => clients.forEach((client, index) => client.write("x".repeat(Math.round(20_000 * (index + 1) * (1 + Math.sin(Date.now() / 4000)))))), 300);
    return { targets, active: made[1].session_id, pending: sessions[5], stop: () => (clearInterval(timer), clients.forEach((client) => client.destroy())) };
}

const it = await fill();
const views = { sessions: "sessions", ended: "sessions?ended=1", none: "sessions?q=nothing-like-it", session: `sessions/${it.active}`, pending: `sessions/${it.pending}`, gone: "sessions/s_0000000000", targets: "targets", target: `targets/${it.targets[1].id}`, sources: "targets/ttcp_0987654321", catalogs: "host-catalogs", catalog: "host-catalogs/hcst_1234567890", set: "host-sets/hsst_1234567890", host: "hosts/hst_1234567890", aliases: "aliases", scopes: "scopes", scope: "scopes/p_1234567890", users: "users", user: "users/u_1234567890", methods: "auth-methods", method: "auth-methods/ampw_1234567890", oidc: "auth-methods/amoidc_1234567890", groups: "groups", roles: "roles", role: "roles/r_1234567890", stores: "credential-stores", workers: "workers", worker: "workers/w_1234567890", account: "accounts/acctpw_1234567890", me: "me" };
const sizes = { wide: { width: 1280, height: 800 }, narrow: { width: 390, height: 780 } };
const settle = (page) => page.waitForTimeout(700); // for people to look at: what comes late is not waited for
try {
    for (const [size, viewport] of Object.entries(sizes))
        for (const colorScheme of ["light", "dark"]) {
            const page = await openPage(browser, { viewport, colorScheme });
            const shoot = async (name) => (await settle(page), page.screenshot({ path: path.join(folder, `${name}-${size}-${colorScheme}.png`) }));
            await page.goto(world.address);
            await page.getByRole("button", { name: "Log in" }).waitFor();
            await shoot("login");
            await logIn(page, world);
            for (const [name, view] of Object.entries(views)) {
                await page.goto(`${world.address}/#/${view}`);
                await page.locator("h1").first().waitFor();
                await shoot(name);
            }
            await page.goto(`${world.address}/#/targets/${it.targets[0].id}`);
            await page.getByRole("button", { name: "Edit" }).click();
            await shoot("edit");
            await page.goto(`${world.address}/#/sessions/${it.active}`);
            await page.getByRole("button", { name: "Cancel session" }).click();
            await shoot("cancel");
            await page.keyboard.press("Escape");
            await page.keyboard.press("?");
            await shoot("help");
            await page.context().close();
            const console = JSON.parse(await world.agentctl("console", "-no-open", "-format", "json"));
            const own = await openPage(browser, { viewport, colorScheme });
            await own.goto(console.address);
            await own.goto(new URL(console.address).origin + "/#/proxies");
            await own.locator(".card").first().waitFor();
            await settle(own);
            await own.screenshot({ path: path.join(folder, `proxies-${size}-${colorScheme}.png`) });
            await own.context().close();
            process.kill(console.pid, "SIGTERM");
        }
    // the one in the README
    const page = await openPage(browser, { viewport: { width: 1180, height: 480 }, colorScheme: "dark" });
    await logIn(page, world, "admin", "#/sessions?ended=1");
    await page.locator("tbody tr").nth(7).waitFor();
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await page.keyboard.press("x");
    await page.waitForTimeout(4000); // connections and bytes are read in turn
    await page.screenshot({ path: path.join(folder, "console.png") });
} finally {
    it.stop();
    await browser.close();
    await world.stop();
    echo.stop();
}
