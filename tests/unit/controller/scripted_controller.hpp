#pragma once
// ScriptedController: a controller on loopback whose answers the test writes, request by request,
// over connections that it keeps alive.

#include "controller/client.hpp"
#include "controller/list.hpp"
#include "support/loopback_server.hpp"
#include "support/run_coroutine.hpp"

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include <sys/socket.h>

namespace agent::test {

inline std::string http_answer(const std::string& body, const std::string& status = "200 OK",
                               const std::string& fields = {}) {
    return "HTTP/1.1 " + status + "\r\nContent-Type: application/json\r\n" + fields +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

class ScriptedController {
  public:
    /// `number`: which request it is, from 0. An empty answer closes the connection.
    using Script = std::function<std::string(const std::string& request, std::size_t number)>;
    explicit ScriptedController(Script script)
        : script_(std::move(script)), server_([this](int fd) { serve(fd); }) {}

    std::vector<std::string> requests() const {
        const std::lock_guard lock(mutex_);
        return requests_;
    }
    int connections() const { return server_.accepted(); }
    std::string address() const { return server_.address(); }
    controller::ClusterSettings settings() const {
        auto settings = controller::settings_for("http://" + address()).value();
        settings.timeout = std::chrono::seconds(20);
        return settings;
    }

  private:
    void serve(int fd) {
        std::string text;
        char buffer[65536];
        for (;;) {
            const auto head = text.find("\r\n\r\n");
            const auto length = text.find("Content-Length: ");
            const std::size_t body = length < head ? std::stoul(text.substr(length + 16)) : 0;
            if (head == std::string::npos || text.size() < head + 4 + body) {
                const auto count = ::recv(fd, buffer, sizeof buffer, 0);
                if (count <= 0) return;
                text.append(buffer, static_cast<std::size_t>(count));
                continue;
            }
            const std::string request = text.substr(0, head + 4 + body);
            text.erase(0, request.size());
            std::size_t number = 0;
            {
                const std::lock_guard lock(mutex_);
                number = requests_.size();
                requests_.push_back(request);
            }
            const std::string answer = script_(request, number);
            if (answer.empty() || !send_all(fd, answer)) return;
        }
    }

    Script script_;
    mutable std::mutex mutex_;
    std::vector<std::string> requests_;
    LoopbackServer server_;
};

/// Runs `work(client)` on a loop of its own.
template <class Work> auto with_client(controller::ClusterSettings settings, Work work) {
    return run([&](boost::asio::io_context& context) {
        const auto client = std::make_shared<controller::Client>(context.get_executor(), settings);
        return work(client);
    });
}

} // namespace agent::test
