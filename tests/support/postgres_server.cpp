#include "support/postgres_server.hpp"

#include "support/eventually.hpp"
#include "support/loopback_server.hpp"

#include <pwd.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>

namespace agent::test {
namespace {

constexpr const char* user = "postgres";

std::string newest_programs() {
    std::string newest;
    std::error_code missing;
    for (const auto& version : std::filesystem::directory_iterator("/usr/lib/postgresql", missing))
        if (std::filesystem::exists(version.path() / "bin/initdb"))
            newest = std::max(newest, (version.path() / "bin").string());
    if (newest.empty()) throw std::runtime_error("postgresql must be installed");
    return newest;
}

} // namespace

PostgresServer::PostgresServer(const std::string& password) : programs_(newest_programs()) {
    if (::geteuid() == 0) {
        const passwd* owner = ::getpwnam(user);
        if (owner == nullptr || ::chown(folder_.path().c_str(), owner->pw_uid, owner->pw_gid) != 0)
            throw std::runtime_error("PostgreSQL's own user is missing");
    }
    std::vector<std::string> make{program("initdb"),
                                  "-D",
                                  folder_ / "data",
                                  "-U",
                                  user,
                                  "--no-sync",
                                  "--no-locale",
                                  "-E",
                                  "UTF8"};
    if (password.empty()) {
        make.insert(make.end(), {"-A", "trust"});
    } else {
        const auto file = folder_.file("password", password);
        std::filesystem::permissions(file, std::filesystem::perms::all); // its user reads it
        make.insert(make.end(), {"-A", "scram-sha-256", "--pwfile", file});
    }
    const auto made = run_program(as_its_user(make), {}, std::chrono::seconds(60));
    if (made.exit != 0) throw std::runtime_error("initdb: " + made.out + made.err);
    for (int attempt = 0; attempt < 3; ++attempt) // somebody may take the free port before it does
        if (start()) return;
    throw std::runtime_error("postgres did not start: " + read_text(folder_ / "log"));
}

PostgresServer::~PostgresServer() {
    if (!server_) return;
    server_->signal(SIGINT); // ends its clients and then itself
    server_->wait(std::chrono::seconds(20));
}

bool PostgresServer::start() {
    port_ = refusing_port();
    server_ = std::make_unique<Process>(
        as_its_user({program("postgres"), "-D", folder_ / "data", "-p", std::to_string(port_), "-c",
                     "listen_addresses=127.0.0.1", "-c",
                     "unix_socket_directories=" + folder_.path().string(), "-c", "fsync=off", "-c",
                     "shared_buffers=16MB", "-c", "log_destination=stderr"}),
        Process::Options{});
    const std::vector<std::string> ask{program("pg_isready"), "-q", "-h",
                                       "127.0.0.1",           "-p", std::to_string(port_)};
    bool ready = false;
    eventually([&] {
        ready = run_program(ask, {}).exit == 0;
        return ready || !server_->running();
    });
    return ready;
}

std::vector<std::string> PostgresServer::as_its_user(std::vector<std::string> command) const {
    if (::geteuid() == 0)
        command.insert(command.begin(),
                       {"/usr/bin/setpriv", "--reuid", user, "--regid", user, "--clear-groups"});
    return command;
}

} // namespace agent::test
