#include "agentctl/ready_socket.hpp"

#include "base/private_folder.hpp"
#include "base/random.hpp"
#include "base/unix_socket.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

namespace agentctl {
namespace {

using agent::Errc;
using agent::fail;
using agent::Hop;

constexpr const char* prefix = "ready-";
constexpr const char* hint =
    "set XDG_RUNTIME_DIR to a directory of your own with mode 0700, as a login session does";

/// Those of an agentctl that was killed while it waited: nobody has them open.
void remove_left(const std::string& folder) {
    std::error_code problem;
    for (const auto& file : std::filesystem::directory_iterator(folder, problem)) {
        if (file.path().filename().string().starts_with(prefix) &&
            agent::try_connect(file.path(), SOCK_DGRAM) == ECONNREFUSED)
            ::unlink(file.path().c_str());
    }
}

} // namespace

agent::Result<ReadySocket> ReadySocket::open() {
    const char* runtime = std::getenv("XDG_RUNTIME_DIR");
    if (runtime == nullptr || *runtime != '/')
        return fail(Errc::environment, Hop::local, "XDG_RUNTIME_DIR is not set", hint);
    if (auto there = agent::check_folder(runtime, hint, false); !there) return there.error();
    const std::string folder = std::string(runtime) + "/agentd";
    if (auto made = agent::ensure_private_folder(folder); !made) return made.error();
    remove_left(folder);
    std::string path = folder + "/" + prefix + agent::random_base62(12);
    auto socket = agent::listen_unix(path, agent::Present::is_ours, SOCK_DGRAM);
    if (!socket) return socket.error();
    return ReadySocket(std::move(*socket), std::move(path));
}

ReadySocket::~ReadySocket() {
    if (socket_) ::unlink(path_.c_str());
}

bool ReadySocket::take_ready() const {
    char text[1024];
    const ssize_t n = ::recv(socket_.get(), text, sizeof text, MSG_DONTWAIT);
    const std::string message =
        "\n" + std::string(text, n > 0 ? static_cast<std::size_t>(n) : 0) + "\n";
    return message.find("\nREADY=1\n") != std::string::npos;
}

} // namespace agentctl
