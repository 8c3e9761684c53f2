#include "ipc/socket/blocking_client.hpp"

#include "base/unix_socket.hpp"
#include "ipc/socket/wire_error.hpp"

#include <array>
#include <cerrno>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace ipc {
namespace {

using agent::Errc;
using agent::fail;
using agent::fail_errno;
using agent::Hop;

constexpr const char* restart =
    "see `agentctl status`; what it logged is in its journal or on its terminal";

/// Waits for `events` on the socket; true: ready, false: the watched descriptor ended the call.
Result<bool> wait_for(int socket, short events, const Watched& watched) {
    while (true) {
        std::array<pollfd, 2> fds{pollfd{socket, events, 0}, pollfd{watched.fd, POLLIN, 0}};
        if (::poll(fds.data(), watched.fd >= 0 ? 2 : 1, -1) < 0) {
            if (errno == EINTR) continue;
            return fail_errno(Errc::environment, Hop::local, "poll", errno);
        }
        if (watched.fd >= 0 && fds[1].revents != 0 && !watched.on_readable()) return false;
        if (fds[0].revents != 0) return true;
    }
}

} // namespace

Result<BlockingClient> BlockingClient::connect(const std::string& path) {
    const auto address = agent::unix_address(path);
    if (!address) return address.error();
    agent::UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!socket) return fail_errno(Errc::environment, Hop::local, "socket", errno);
    while (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) !=
           0) {
        if (errno == EINTR) continue;
        return fail_errno(Errc::agent_unreachable, Hop::agent, "connect to agentd at " + path,
                          errno, "is agentd running? agentctl starts it unless told otherwise");
    }
    // Passwords go this way. The folder is the user's own, unless XDG_RUNTIME_DIR was made to name
    // another's.
    ucred owner{};
    socklen_t size = sizeof owner;
    if (::getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &owner, &size) != 0 ||
        owner.uid != ::geteuid())
        return fail(Errc::environment, Hop::local,
                    "another user (uid " + std::to_string(owner.uid) + ") listens at " + path +
                        ": nothing was sent",
                    "set XDG_RUNTIME_DIR to a directory that is yours alone (mode 0700)");
    return BlockingClient(std::move(socket));
}

agent::Status BlockingClient::send(std::string_view method, Json parameters, bool more) {
    Call call;
    call.method = std::string(method);
    call.parameters = std::move(parameters);
    call.more = more;
    std::string text = encode(call);
    wipe(call.parameters);
    sent_ = answering_ = false;
    lost_ = Lost::no;
    std::size_t done = 0;
    agent::Status status;
    while (done < text.size()) {
        const auto n = ::send(socket_.get(), text.data() + done, text.size() - done, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && (errno == EPIPE || errno == ECONNRESET))
            break; // its reason may be waiting to be read
        if (n < 0) {
            status =
                fail_errno(Errc::agent_unreachable, Hop::agent, "send to agentd", errno, restart);
            break;
        }
        done += static_cast<std::size_t>(n);
    }
    sent_ = done == text.size();
    wipe(text);
    return status;
}

Result<Reply> BlockingClient::receive(const Watched& watched) {
    std::string buffer(64 << 10, '\0');
    while (true) {
        auto message = splitter_.next();
        if (!message) return message.error();
        if (message->has_value()) {
            auto reply = decode_reply(**message);
            wipe(**message);
            if (!reply)
                return fail(Errc::agent_unreachable, Hop::agent,
                            "agentd's answer: " + reply.error().message, restart);
            if (!reply->error.empty()) return error_from_reply(*reply);
            return reply;
        }
        const auto ready = wait_for(socket_.get(), POLLIN, watched);
        if (!ready) return ready.error();
        if (!*ready) return fail(Errc::canceled, Hop::local, "canceled");
        const auto n = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0 && !answering_)
            lost_ = !sent_ || (n < 0 && errno == ECONNRESET) ? Lost::unread : Lost::unanswered;
        if (n < 0)
            return fail_errno(Errc::agent_unreachable, Hop::agent, "read from agentd", errno,
                              restart);
        if (n == 0)
            return fail(Errc::agent_unreachable, Hop::agent,
                        "agentd closed the connection before it answered", restart);
        answering_ = true;
        splitter_.feed(std::string_view(buffer.data(), static_cast<std::size_t>(n)));
        wipe(buffer);
    }
}

} // namespace ipc
