#include "support/database_servers.hpp"

#include "support/eventually.hpp"
#include "support/loopback_server.hpp"

#include <unistd.h>

#include <csignal>
#include <stdexcept>

namespace agent::test {
namespace {

std::string needed(std::string_view program, const char* package) {
    const auto path = find_on_path(program);
    if (path.empty()) throw std::runtime_error(std::string(package) + " must be installed");
    return path;
}

/// Until somebody listens there; what it logged when it does not come to that.
void await_listening(Process& server, std::uint16_t port) {
    const bool there = eventually([&] { return connect_loopback(port) || !server.running(); });
    if (!there || !connect_loopback(port)) {
        server.signal(SIGKILL);
        const auto ended = server.wait();
        throw std::runtime_error("a database server did not start: " + ended.out + ended.err);
    }
}

void end(std::unique_ptr<Process>& server) {
    if (!server) return;
    server->signal(SIGTERM);
    server->wait(std::chrono::seconds(20));
}

// As SQL and redis.conf have texts.
std::string quoted(const std::string& text, char quote) {
    std::string out(1, quote);
    for (const char c : text) {
        if (c == quote || c == '\\') out += '\\';
        out += c;
    }
    return out + quote;
}

} // namespace

MariadbServer::MariadbServer(const std::string& user, const std::string& password)
    : port_(refusing_port()) {
    const auto data = (folder_ / "data").string();
    std::vector<std::string> as_root;
    if (::geteuid() == 0) as_root = {"--user=root"};
    std::vector<std::string> make{needed("mariadb-install-db", "mariadb-server"), "--no-defaults",
                                  "--datadir=" + data, "--skip-test-db",
                                  "--auth-root-authentication-method=normal"};
    make.insert(make.end(), as_root.begin(), as_root.end());
    const Environment environment{{"PATH", "/usr/bin:/bin:/usr/sbin:/sbin"}};
    const auto made = run_program(make, {.environment = environment}, std::chrono::seconds(120));
    if (made.exit != 0) throw std::runtime_error("mariadb-install-db: " + made.out + made.err);
    const auto init = folder_.file(
        "init.sql", "create database app;\ncreate user " + quoted(user, '\'') +
                        "@'127.0.0.1' identified by " + quoted(password, '\'') +
                        ";\ngrant all on app.* to " + quoted(user, '\'') + "@'127.0.0.1';\n");
    std::vector<std::string> serve{needed("mariadbd", "mariadb-server"),
                                   "--no-defaults",
                                   "--datadir=" + data,
                                   "--bind-address=127.0.0.1",
                                   "--port=" + std::to_string(port_),
                                   "--socket=" + (folder_ / "sock").string(),
                                   "--skip-name-resolve",
                                   "--init-file=" + init.string(),
                                   "--innodb-buffer-pool-size=16M"};
    serve.insert(serve.end(), as_root.begin(), as_root.end());
    server_ = std::make_unique<Process>(serve, Process::Options{.environment = environment});
    await_listening(*server_, port_);
}

MariadbServer::~MariadbServer() {
    end(server_);
}

RedisServer::RedisServer(const std::string& user, const std::string& password)
    : port_(refusing_port()) {
    const auto config =
        folder_.file("redis.conf",
                     "port " + std::to_string(port_) + "\nbind 127.0.0.1\nsave \"\"\ndir " +
                         folder_.path().string() + "\nuser default off\nuser " + quoted(user, '"') +
                         " on " + quoted(">" + password, '"') + " ~* &* +@all\n");
    server_ = std::make_unique<Process>(
        std::vector<std::string>{needed("redis-server", "redis-server"), config.string()},
        Process::Options{.environment = {{"PATH", "/usr/bin:/bin"}}});
    await_listening(*server_, port_);
}

RedisServer::~RedisServer() {
    end(server_);
}

} // namespace agent::test
