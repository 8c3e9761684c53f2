#pragma once
// FickleServer: a Varlink peer on a Unix socket that ends each connection at the moment its script
// names. One thread; a connection after the last of the script is answered.

#include "base/unique_fd.hpp"

#include <atomic>
#include <cstring>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace agent::test {

enum class Ending {
    unread,   ///< closed with the call, or some of it, unread in the socket
    deaf,     ///< takes nothing more, and then closes, as a server does that stops
    read,     ///< closed after all of the call was read
    begun,    ///< closed after some of the answer was sent
    answered, ///< as it should be
};

/// A listening Unix socket at `path`, in the place of what was there.
inline UniqueFd listen_anew(const std::string& path) {
    UniqueFd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    ::unlink(path.c_str());
    if (::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener.get(), 16) != 0)
        throw std::runtime_error("cannot listen at " + path);
    return listener;
}

class FickleServer {
  public:
    /// `answer`: the reply's text, without its NUL.
    FickleServer(const std::string& path, std::vector<Ending> script, std::string answer)
        : script_(std::move(script)), answer_(std::move(answer)), listener_(listen_anew(path)) {
        thread_ = std::thread([this] { serve(); });
    }
    ~FickleServer() {
        ::shutdown(listener_.get(), SHUT_RDWR);
        thread_.join();
    }
    int connections() const { return connections_; }

  private:
    void serve() {
        for (;;) {
            const UniqueFd client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
            if (!client) return;
            const auto turn = static_cast<std::size_t>(connections_++);
            end(client.get(), turn < script_.size() ? script_[turn] : Ending::answered);
        }
    }
    void end(int client, Ending how) const {
        if (how == Ending::deaf) {
            ::shutdown(client, SHUT_RD);
            char none = 0; // what came before that is read, as a server that stops does: here it is
                           // never a whole call
            while (::recv(client, &none, 1, 0) == 1 && none != '\0') {
            }
            return;
        }
        pollfd readable{client, POLLIN, 0};
        ::poll(&readable, 1, -1);
        if (how == Ending::unread) return;
        char c = 1;
        while (c != '\0' && ::recv(client, &c, 1, 0) == 1) {
        }
        if (how == Ending::read) return;
        const std::string text = answer_ + '\0';
        const auto size = how == Ending::begun ? text.size() / 2 : text.size();
        (void)::send(client, text.data(), size, MSG_NOSIGNAL);
    }

    std::vector<Ending> script_;
    std::string answer_;
    UniqueFd listener_;
    std::atomic<int> connections_ = 0;
    std::thread thread_;
};

} // namespace agent::test
