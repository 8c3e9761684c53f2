#include "agentctl/ready_socket.hpp"

#include "base/private_folder.hpp"
#include "base/random.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace agentctl {
namespace {

using agent::Errc;
using agent::fail;
using agent::fail_errno;
using agent::Hop;
using agent::UniqueFd;

constexpr const char* prefix = "ready-";
constexpr const char* hint =
    "set XDG_RUNTIME_DIR to a directory of your own with mode 0700, as a login session does";

UniqueFd datagram_socket() {
    return UniqueFd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

/// false: it does not fit.
bool set_path(sockaddr_un& address, const std::string& path) {
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) return false;
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    return true;
}

/// Those of an agentctl that was killed while it waited: nobody has them open.
void remove_left(const std::string& folder) {
    std::error_code problem;
    for (const auto& file : std::filesystem::directory_iterator(folder, problem)) {
        sockaddr_un address{};
        if (!file.path().filename().string().starts_with(prefix) || !set_path(address, file.path()))
            continue;
        const UniqueFd socket = datagram_socket();
        if (::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 &&
            errno == ECONNREFUSED)
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
    sockaddr_un address{};
    if (!set_path(address, path))
        return fail(Errc::environment, Hop::local, "the socket's path is too long: " + path,
                    "use a shorter XDG_RUNTIME_DIR");
    UniqueFd socket = datagram_socket();
    if (!socket || ::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
        return fail_errno(Errc::environment, Hop::local,
                          "a socket for agentd's readiness at " + path, errno);
    return ReadySocket(std::move(socket), std::move(path));
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
