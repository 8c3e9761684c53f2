// The machine's own sshd and ssh for a browser test: each connection gets a child `sshd -i`, as in
// tests/support/ssh_server.cpp, so that no daemon stays behind and no port is fixed.
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import net from "node:net";
import { userInfo } from "node:os";
import path from "node:path";

export class SshServer {
    static async start(folder) {
        const it = new SshServer();
        it.folder = folder;
        for (const key of ["host_key", "user_key"]) execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", path.join(folder, key)]);
        if (process.geteuid() === 0) mkdirSync("/run/sshd", { recursive: true }); // sshd insists; its service file makes it
        const config = path.join(folder, "sshd_config");
        writeFileSync(config, `UsePAM no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nStrictModes no\nPidFile none\nPrintMotd no\nHostKey ${folder}/host_key\nAuthorizedKeysFile ${folder}/user_key.pub\n`);
        it.server = net.createServer({ pauseOnConnect: true }, (socket) => {
            socket.on("error", () => {});
            spawn("/usr/sbin/sshd", ["-i", "-f", config, "-E", path.join(folder, "sshd.log")], { stdio: [socket, socket, "ignore"] });
            socket.destroy(); // the child has its own
        });
        await new Promise((resolve) => it.server.listen(0, "127.0.0.1", resolve));
        it.port = it.server.address().port;
        return it;
    }
    stop() {
        this.server.close();
    }

    /// `ssh … COMMAND` whose standard input is ours: { process, received, exit } (exit: null while
    /// it runs).
    client(words, environment, command) {
        const options = ["-F", "/dev/null", "-i", path.join(this.folder, "user_key"), "-l", userInfo().username];
        for (const option of ["IdentitiesOnly=yes", "BatchMode=yes", "StrictHostKeyChecking=no", `UserKnownHostsFile=${path.join(this.folder, "known_hosts")}`, "LogLevel=ERROR"]) options.push("-o", option);
        const child = spawn("ssh", [...options, ...words, command], { env: environment });
        const it = { process: child, received: 0, exit: null, said: "" };
        child.stdout.on("data", (data) => (it.received += data.length));
        child.stderr.on("data", (data) => (it.said += data));
        child.stdin.on("error", () => {});
        child.on("exit", (code) => (it.exit = code ?? -1));
        return it;
    }
}
