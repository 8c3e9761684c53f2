#include "support/ssh_server.hpp"

#include "support/process.hpp"

#include <pwd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>

namespace agent::test {

namespace {

/// fork and exec at once: other threads of the test hold no lock that the child could need.
void serve_sshd(int fd, const std::string& sshd, const std::string& config,
                const std::string& log) {
    const char* const words[] = {sshd.c_str(), "-i",        "-f",   config.c_str(),
                                 "-E",         log.c_str(), nullptr};
    const pid_t child = ::fork();
    if (child == 0) {
        ::dup2(fd, 0);
        ::dup2(fd, 1);
        ::execv(sshd.c_str(), const_cast<char* const*>(words));
        ::_exit(127);
    }
    ::waitpid(child, nullptr, 0);
}

} // namespace

SshServer::SshServer() {
    const auto sshd = find_on_path("sshd");
    const auto keygen = find_on_path("ssh-keygen");
    if (sshd.empty() || keygen.empty())
        throw std::runtime_error("openssh-server and openssh-client must be installed");
    for (const char* key : {"host_key", "user_key"}) {
        const auto made =
            run_program({keygen, "-q", "-t", "ed25519", "-N", "", "-f", folder_ / key}, {});
        if (made.exit != 0) throw std::runtime_error("ssh-keygen: " + made.err);
    }
    if (::geteuid() == 0)
        std::filesystem::create_directories("/run/sshd"); // sshd insists, its service file makes it
    std::string config =
        "UsePAM no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nStrictModes no\n"
        "PidFile none\nPrintMotd no\nSubsystem sftp internal-sftp\n";
    config += "HostKey " + (folder_ / "host_key").string() + "\n";
    config += "AuthorizedKeysFile " + (folder_ / "user_key.pub").string() + "\n";
    const std::string file = folder_.file("sshd_config", config);
    const std::string log = folder_ / "sshd.log";
    server_ = std::make_unique<LoopbackServer>([=](int fd) { serve_sshd(fd, sshd, file, log); });
}

std::vector<std::string> SshServer::client_options() const {
    return {"-F", "/dev/null",
            "-i", folder_ / "user_key",
            "-o", "IdentitiesOnly=yes",
            "-o", "BatchMode=yes",
            "-o", "StrictHostKeyChecking=no",
            "-o", "UserKnownHostsFile=" + (folder_ / "known_hosts").string(),
            "-o", "LogLevel=ERROR"};
}

std::string SshServer::destination() const {
    return std::string(::getpwuid(::geteuid())->pw_name) + "@127.0.0.1";
}

} // namespace agent::test
