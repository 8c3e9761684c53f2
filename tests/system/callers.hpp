#pragma once
// Callers: clients that come all the time, while a test kills what they connect to.

#include "support/loopback_server.hpp"

#include <atomic>
#include <functional>
#include <thread>

namespace agent::test {

/// Connects all the time, to one address; counts who was refused, and who was connected and got no
/// answer.
class Callers {
  public:
    explicit Callers(std::function<UniqueFd()> connect) : connect_(std::move(connect)) {}
    ~Callers() { stop(); }
    void stop() {
        stop_ = true;
        if (thread_.joinable()) thread_.join();
    }
    std::atomic<int> refused = 0, answered = 0, cut = 0;

  private:
    void run() {
        while (!stop_) {
            const auto connection = connect_();
            if (!connection) {
                ++refused;
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
            } else if (send_all(connection.get(), "hello\n") &&
                       receive_exactly(connection.get(), 6) == "hello\n") {
                ++answered;
            } else {
                ++cut;
            }
        }
    }
    std::function<UniqueFd()> connect_;
    std::atomic<bool> stop_ = false;
    std::thread thread_{[this] { run(); }};
};

} // namespace agent::test
