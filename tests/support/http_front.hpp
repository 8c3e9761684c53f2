#pragma once
// HttpFront: stands in front of a controller and decides for each request what becomes of it. One
// request for each connection; what is passed on goes as it came.

#include "support/loopback_server.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace agent::test {

class HttpFront {
  public:
    enum class Fate : std::uint8_t {
        pass,
        swallow, ///< the controller hears and answers it, and the answer is lost
        answered ///< by the judge, in `answer`
    };
    struct Verdict {
        Fate fate = Fate::pass;
        std::string answer; ///< a whole response
    };
    /// `judge` sees the request line ("POST /v1/targets/… HTTP/1.1"), on the connection's thread.
    using Judge = std::function<Verdict(const std::string& line)>;

    HttpFront(std::uint16_t controller_port, Judge judge)
        : server_([controller_port, judge = std::move(judge)](int fd) {
              serve(fd, controller_port, judge);
          }) {}
    std::string address() const { return "http://" + server_.address(); }

  private:
    static void serve(int fd, std::uint16_t controller_port, const Judge& judge);
    LoopbackServer server_;
};

} // namespace agent::test
