// connect http with the real curl and a web server with TLS; connect kube with a program in
// kubectl's place that asks as it does; rdp's program is started.

#include "support/brokering_world.hpp"
#include "support/catch.hpp"
#include "support/loopback_server.hpp"

#include <regex>

using namespace agent::test;
using namespace std::chrono_literals;

namespace {

// Answers with the host that was asked for, by TLS and by HTTP, and with what was shown to it.
constexpr const char* server_script = R"py(
import http.server, ssl, sys
names = []
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        text = "%s %s %s %s %s\n" % (self.command, self.path, self.headers["Host"].split(":")[0], names[-1],
                                     self.headers["Authorization"])
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())
    do_DELETE = do_GET
    def log_message(self, *words): pass
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1], sys.argv[2])
context.sni_callback = lambda socket, name, context: names.append(name)
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
server.socket = context.wrap_socket(server.socket, server_side=True)
print("port", server.server_port, flush=True)
server.serve_forever()
)py";

// As kubectl reads its words and files, as far as they matter here.
constexpr const char* kubectl_script = R"py(#!/usr/bin/python3
import json, os, ssl, sys, http.client
words = dict(zip(sys.argv[1:], sys.argv[2:]))
files = os.environ["KUBECONFIG"].split(":")
users = json.load(open(files[0]))["users"]
token = next(one["user"]["token"] for one in users if one["name"] == words["--user"])
address = words["--server"].removeprefix("https://").split(":")
context = ssl.create_default_context(cafile=os.environ["TEST_CA"])
class Named(http.client.HTTPSConnection):
    def connect(self):
        http.client.HTTPConnection.connect(self)
        self.sock = context.wrap_socket(self.sock, server_hostname=words["--tls-server-name"])
connection = Named(address[0], int(address[1]))
connection.request("GET", "/api", headers={"Authorization": "Bearer " + token})
print(connection.getresponse().read().decode(), end="")
print(sys.argv[1:3], files[1:])
)py";

struct WebServer {
    TempDir folder;
    std::string certificate = folder / "cert.pem";
    std::unique_ptr<Process> server;
    std::uint16_t port = 0;

    WebServer() {
        const auto made =
            run_program({"/usr/bin/openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                         "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                         "/CN=web.example", "-addext", "subjectAltName=DNS:web.example", "-keyout",
                         folder / "key.pem", "-out", certificate},
                        {.environment = {{"PATH", "/usr/bin:/bin"}}});
        REQUIRE(made.exit == 0);
        server = std::make_unique<Process>(
            std::vector<std::string>{"/usr/bin/python3", "-u",
                                     folder.file("server.py", server_script), certificate,
                                     folder / "key.pem"},
            Process::Options{.environment = {{"PATH", "/usr/bin:/bin"}}});
        REQUIRE(server->wait_for("\n"));
        port = static_cast<std::uint16_t>(std::stoi(server->out().substr(5)));
    }
};

} // namespace

TEST_CASE("connect http: curl asks the target's host by its name, through the proxy, over TLS that "
          "is verified") {
    WebServer web;
    BrokeringWorld world(web.port, {});
    const auto ended = world.run("http", {"-host", "web.example", "-path", "a/b?c", "-method",
                                          "DELETE", "--", "-sS", "--cacert", web.certificate});
    INFO(ended.err);
    CHECK(ended.exit == 0);
    CHECK(ended.out == "DELETE /a/b?c web.example web.example None\n");
    // The target's own host is 127.0.0.1, which is not in the certificate: curl's own status.
    CHECK(world.run("http", {"--", "-sS", "--cacert", web.certificate}).exit == 60);
    CHECK(world->proxies().empty());
}

TEST_CASE(
    "connect kube: a brokered password is the token, the server is the proxy, and the name in "
    "the certificate the target's") {
    WebServer web;
    BrokeringWorld world(web.port, {{"type", "password"}, {"password", "tok-1"}});
    world->environment["TEST_CA"] = web.certificate;
    world->environment["KUBECONFIG"] = "/nowhere/config";
    const TempDir programs;
    programs.file("kubectl", kubectl_script);
    std::filesystem::permissions(programs / "kubectl", std::filesystem::perms::owner_all);
    world->environment["PATH"] = programs.path().string() + ":" + world->environment["PATH"];
    const auto ended = world.run("kube", {"-host", "web.example", "--", "get", "pods"});
    INFO(ended.out << ended.err);
    CHECK(ended.exit == 0);
    CHECK(ended.out == "GET /api 127.0.0.1 web.example Bearer tok-1\n['get', 'pods'] "
                       "['/nowhere/config']\n");
}

TEST_CASE("connect rdp: the program is started with the address, and its end is the proxy's") {
    BrokeringWorld world(refusing_port(), {});
    const TempDir programs;
    programs.file("xfreerdp3", "#!/bin/sh\necho \"$@\"; exit 3\n");
    std::filesystem::permissions(programs / "xfreerdp3", std::filesystem::perms::owner_all);
    world->environment["PATH"] = programs.path().string() + ":" + world->environment["PATH"];
    const auto ended = world.run("rdp", {"-listen-port", "0", "--", "/f"});
    CHECK(ended.exit == 3);
    CHECK(std::regex_match(ended.out, std::regex("/f /v:127\\.0\\.0\\.1:[0-9]+\n")));
    CHECK(world->proxies().empty());
}
