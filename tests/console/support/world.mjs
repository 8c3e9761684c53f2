// A world of its own for a browser test: the real dev server and agentctl in private folders on
// free ports, a server that echoes, and one Chromium. What it starts it ends, each by its own
// handle.
import { execFile, spawn } from "node:child_process";
import { mkdtempSync, mkdirSync, rmSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

const programs = process.env.AGENT_PROGRAMS; // the build's bin folder
const modules = createRequire(path.join(process.env.CONSOLE_NODE, "package.json"));
const { chromium } = modules("playwright-core");
export const axeSource = readFileSync(modules.resolve("axe-core/axe.min.js"), "utf8");
export const patience = 30_000; // for any one thing to happen, on a loaded machine

export async function eventually(what, predicate, deadline = patience) {
    const end = Date.now() + deadline;
    let last;
    for (;;) {
        try {
            last = await predicate();
            if (last) return last;
        } catch (problem) {
            last = problem;
        }
        if (Date.now() > end) throw new Error(`did not happen: ${what} (last: ${last})`);
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
}

export class World {
    static async start({ flags = [], targetPort = 22, state } = {}) {
        const world = new World();
        world.folder = mkdtempSync(path.join(tmpdir(), "console-"));
        world.environment = { PATH: `${programs}:/usr/bin:/bin`, LANG: "C.UTF-8", TZ: "UTC", PW: "password", ASAN_OPTIONS: "detect_leaks=0" };
        for (const [variable, name] of [["HOME", "home"], ["XDG_RUNTIME_DIR", "run"], ["XDG_CONFIG_HOME", "config"], ["XDG_STATE_HOME", "state"], ["XDG_DATA_HOME", "data"], ["XDG_CACHE_HOME", "cache"]]) {
            world.environment[variable] = path.join(world.folder, name);
            mkdirSync(world.environment[variable], { mode: 0o700 });
        }
        world.flags = ["-target-default-port", String(targetPort), "-state", state ?? path.join(world.folder, "dev.db"), ...flags];
        await world.startServer("127.0.0.1:0");
        return world;
    }

    async startServer(address) {
        const child = spawn(path.join(programs, "agent-dev-server"), ["-api-listen-address", address, "-proxy-listen-address", "127.0.0.1:0", ...this.flags], { env: this.environment });
        this.server = child;
        let output = "";
        child.stdout.on("data", (data) => (output += data));
        child.stderr.on("data", (data) => (output += data));
        this.serverOutput = () => output;
        const ended = new Promise((resolve) => child.on("exit", resolve));
        this.serverEnded = ended;
        this.address = await eventually("the dev server starts", () => {
            if (child.exitCode !== null) throw new Error(output);
            return /Admin Console: (http:\/\/127\.0\.0\.1:\d+)\//.exec(output)?.[1];
        }, 120_000); // with ten thousand sessions it has something to read
        this.environment.BOUNDARY_ADDR = this.address;
    }
    async stopServer() {
        this.server.kill("SIGTERM");
        await this.serverEnded;
    }

    /// agentctl WORDS: its standard output; a failure throws what it said.
    agentctl(...words) {
        return new Promise((resolve, reject) => {
            execFile(path.join(programs, "agentctl"), words, { env: this.environment, timeout: patience }, (problem, out, err) => (problem ? reject(new Error(`agentctl ${words.join(" ")}: ${err}${out}`)) : resolve(out)));
        });
    }
    async agentctlLogin(name = "admin") {
        await this.agentctl("authenticate", "password", "-auth-method-id", "ampw_1234567890", "-login-name", name, "-password", "env://PW");
    }

    /// The API by hand.
    async api(method, target, body, token) {
        const response = await fetch(this.address + target, { method, body: body && JSON.stringify(body), headers: { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) } });
        const text = await response.text();
        if (!response.ok) throw new Error(`${method} ${target}: ${response.status} ${text}`);
        return text ? JSON.parse(text) : null;
    }
    async token(name = "admin") {
        return (await this.api("POST", "/v1/auth-methods/ampw_1234567890:authenticate", { attributes: { login_name: name, password: "password" } })).attributes.token;
    }

    async stop() {
        try {
            if (this.usesAgent) {
                const status = JSON.parse(await this.agentctl("status", "-format", "json").catch(() => "{}"));
                const list = JSON.parse(await this.agentctl("list", "-format", "json").catch(() => "{}"));
                for (const proxy of list.items ?? []) await this.agentctl("disconnect", proxy.name).catch(() => {});
                await this.agentctl("logout").catch(() => {});
                if (status.pid) process.kill(status.pid, "SIGTERM");
            }
        } finally {
            await this.stopServer();
            rmSync(this.folder, { recursive: true, force: true });
        }
    }
}

/// A server that sends back what it gets: the endpoint of the generated targets.
export function startEcho() {
    return new Promise((resolve) => {
        const sockets = new Set();
        const server = net.createServer((socket) => {
            sockets.add(socket);
            socket.on("error", () => {}).on("close", () => sockets.delete(socket));
            socket.pipe(socket);
        });
        server.listen(0, "127.0.0.1", () => {
            resolve({
                port: server.address().port,
                stop: () => {
                    for (const socket of sockets) socket.destroy();
                    server.close();
                },
            });
        });
    });
}

export function startBrowser() {
    return chromium.launch({
        executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
        timeout: 60_000,
        args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"],
    });
}

/// A page in a context of its own that fails the test on anything the browser complains about.
export async function openPage(browser, options = {}) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: "reduce", ...options });
    context.setDefaultTimeout(patience);
    const page = await context.newPage();
    page.complaints = [];
    page.on("pageerror", (problem) => page.complaints.push(String(problem)));
    page.on("console", (message) => {
        if (message.type() === "error" && !/Failed to load resource/.test(message.text())) page.complaints.push(message.text());
    });
    return page;
}

export async function logIn(page, world, name = "admin", hash = "") {
    await page.goto(world.address + "/" + hash);
    await page.getByLabel("Login name").fill(name);
    await page.getByLabel("Password").fill("password");
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("navigation", { name: "Views" }).waitFor();
}
