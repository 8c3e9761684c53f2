// A session's authorization token is the right to its target. Once agentd has put it into locked
// memory, nothing of the answer that brought it is left behind elsewhere.

#include "unit/agent/agent_stage.hpp"

#include "boundary/session_authorization.hpp"
#include "support/catch.hpp"
#include "support/memory_scan.hpp"
#include "unit/boundary/real_tokens.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

using namespace agent;
using namespace agent::core;
using namespace agent::test;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t tail = 40; // a buffer that was too small for the token has not held its end

/// A controller in a process of its own, so that its token is in our memory only where agentd's
/// code puts it.
class ControllerProcess {
  public:
    ControllerProcess() {
        listener_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof at;
        int ends[2];
        REQUIRE(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&at), size) == 0);
        REQUIRE(::listen(listener_.get(), 8) == 0);
        REQUIRE(::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&at), &size) == 0);
        REQUIRE(::pipe(ends) == 0);
        port_ = ntohs(at.sin_port);
        pid_ = ::fork();
        if (pid_ == 0) serve(ends[1]);
        std::vector<unsigned char> disguised(tail);
        REQUIRE(::read(ends[0], disguised.data(), tail) == static_cast<ssize_t>(tail));
        ::close(ends[0]);
        ::close(ends[1]);
        marker = std::make_unique<Marker>(std::move(disguised));
    }
    ~ControllerProcess() {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    std::string address() const { return "http://127.0.0.1:" + std::to_string(port_); }
    std::unique_ptr<Marker> marker; ///< the end of the token

  private:
    [[noreturn]] void serve(int parent) {
        auto authorization =
            boundary::decode_authorization_token(boundary::test::token_with_host).value();
        authorization.session_id = "s_" + std::to_string(::getpid());
        authorization.expiration = wall_now() + 10min;
        const std::string token = boundary::encode_authorization_token(authorization);
        std::vector<unsigned char> disguised;
        for (const char c : token.substr(token.size() - tail))
            disguised.push_back(Marker::disguise(c));
        (void)!::write(parent, disguised.data(), tail);
        const Json session{{"session_id", authorization.session_id},
                           {"target_id", "ttcp_one"},
                           {"authorization_token", token}};
        for (;;) {
            const UniqueFd client(::accept(listener_.get(), nullptr, nullptr));
            std::string request;
            char buffer[4096];
            while (request.find("\r\n\r\n") == std::string::npos) {
                const auto n = ::recv(client.get(), buffer, sizeof buffer, 0);
                if (n <= 0) break;
                request.append(buffer, static_cast<std::size_t>(n));
            }
            const std::string body =
                dump_json(request.find(":authorize-session ") == std::string::npos ? Json::object()
                                                                                   : session);
            send_all(client.get(), "HTTP/1.1 200 OK\r\nContent-Type: "
                                   "application/json\r\nConnection: close\r\nContent-Length: " +
                                       std::to_string(body.size()) + "\r\n\r\n" + body);
            ::shutdown(client.get(), SHUT_WR);
            (void)receive_exactly(client.get(), 1);
        }
    }
    UniqueFd listener_;
    std::uint16_t port_ = 0;
    pid_t pid_ = -1;
};

} // namespace

TEST_CASE("agent: of a session's token nothing is left in ordinary memory once its proxy has it") {
    ControllerProcess controller;
    auto story = [&controller](AgentStage& stage) -> awaitable<void> {
        ClusterChoice choice;
        choice.settings = controller::settings_for(controller.address()).value();
        choice.token = Secret("at_1_secret");
        NoProgress none;
        const auto connected =
            co_await stage.agent.connect(std::move(choice), words_for("ttcp_one"), none);
        REQUIRE(connected.has_value());
        REQUIRE_FALSE(stage.newest()->spec.authorization_token.empty());
#ifndef __SANITIZE_ADDRESS__ // which keeps what is freed, and so the buffers in which the JSON
                             // parser's token grew
        CHECK(controller.marker->copies() == 0);
#endif
    };
    tell(story);
}
