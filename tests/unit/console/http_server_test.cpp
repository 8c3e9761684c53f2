// The serving process's sockets, for real: one thread runs the server, the test is the browser.
#include "console/http_server.hpp"

#include "net/listen.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/loopback_server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <sys/socket.h>

#include <atomic>
#include <string>
#include <thread>

using namespace std::chrono_literals;
using agent::test::closed_by_peer;
using agent::test::connect_loopback;
using agent::test::send_all;

namespace {

class RunningConsole {
  public:
    enum class Begin { now, later };
    explicit RunningConsole(console::Limits limits = {}, Begin begin = Begin::now)
        : acceptor_(agent::net::listen_tcp(context_.get_executor(), "127.0.0.1", 0).value()),
          port_(acceptor_.local_endpoint().port()),
          gate_(port_, agent::Secret("entry"), agent::Secret("cookie")),
          link_(context_.get_executor(), "/nonexistent/agent.sock", {}), requests_(link_),
          server_(std::move(acceptor_), gate_, requests_, limits), tasks_(context_.get_executor()) {
        tasks_.spawn(run(), "server");
        if (begin == Begin::now) start();
    }
    /// Until then clients wait in the kernel's queue.
    void start() {
        thread_ = std::thread([this] { context_.run(); });
    }
    ~RunningConsole() {
        boost::asio::post(context_, [this] { tasks_.cancel(); });
        thread_.join();
    }
    std::uint16_t port() const { return port_; }
    bool ended() const { return ended_; }

    /// The whole answer to one request with the cookie.
    std::string ask(const std::string& head, const std::string& body = {}) const {
        const auto socket = connect_loopback(port_);
        send_all(socket.get(), head + "\r\nHost: 127.0.0.1:" + std::to_string(port_) +
                                   "\r\nCookie: agent_console_" + std::to_string(port_) +
                                   "=cookie\r\nConnection: close\r\n\r\n" + body);
        std::string answer;
        char bytes[4096];
        for (ssize_t n; (n = ::recv(socket.get(), bytes, sizeof bytes, 0)) > 0;)
            answer.append(bytes, static_cast<std::size_t>(n));
        return answer;
    }

  private:
    agent::awaitable<void> run() {
        try {
            co_await server_.run_until_idle();
            ended_ = true;
        } catch (const boost::system::system_error&) { // the destructor's cancel
        }
        co_await boost::asio::this_coro::reset_cancellation_state(
            boost::asio::disable_cancellation());
        co_await server_.stop();
    }
    boost::asio::io_context context_{1};
    boost::asio::ip::tcp::acceptor acceptor_;
    std::uint16_t port_;
    console::Gate gate_;
    console::AgentLink link_;
    console::Requests requests_;
    console::HttpServer server_;
    agent::async::TaskGroup tasks_;
    std::atomic<bool> ended_ = false;
    std::thread thread_;
};

} // namespace

TEST_CASE(
    "console server: serves the page to whoever holds the cookie, with the security headers") {
    const RunningConsole console;
    const auto answer = console.ask("GET / HTTP/1.1");
    CHECK(answer.starts_with("HTTP/1.1 200"));
    CHECK(answer.find("Content-Security-Policy: default-src 'none'") != std::string::npos);
    CHECK(console.ask("GET /../../etc/passwd HTTP/1.1").starts_with("HTTP/1.1 404"));
    CHECK(console.ask("GET /v1/../../etc/passwd HTTP/1.1")
              .starts_with("HTTP/1.1 502")); // agentd would refuse it: tests of forward
}

TEST_CASE("console server: without agentd it says so, and what to do") {
    const RunningConsole console;
    const auto answer = console.ask("GET /agent/proxies HTTP/1.1");
    CHECK(answer.starts_with("HTTP/1.1 502"));
    CHECK(answer.find("agentd does not answer") != std::string::npos);
    CHECK(answer.find("agentctl status") != std::string::npos);
}

TEST_CASE("console server: broken, oversized and foreign requests get an answer and are closed") {
    console::Limits limits;
    limits.head_bytes = 2048;
    limits.body_bytes = 4096;
    const RunningConsole console(limits);
    const auto port = std::to_string(console.port());
    CHECK(console.ask("this is no HTTP").starts_with("HTTP/1.1 400"));
    CHECK(
        console.ask("GET / HTTP/1.1\r\nX: " + std::string(4000, 'x')).starts_with("HTTP/1.1 431"));
    const std::string origin = "\r\nOrigin: http://127.0.0.1:" + port;
    CHECK(console.ask("POST /agent/why HTTP/1.1" + origin + "\r\nContent-Length: 999999")
              .starts_with("HTTP/1.1 413"));
    const std::string big(999999, 'x'); // all of it sent: no reset overtakes the answer
    CHECK(console.ask("POST /agent/why HTTP/1.1" + origin + "\r\nContent-Length: 999999", big)
              .starts_with("HTTP/1.1 413"));
    CHECK(console.ask("POST /agent/why HTTP/1.1\r\nContent-Length: 999999", big)
              .starts_with("HTTP/1.1 413"));
    CHECK(console.ask("POST /agent/why HTTP/1.1\r\nContent-Length: 4000", big.substr(0, 4000))
              .starts_with("HTTP/1.1 403"));
    CHECK(console.ask("POST /agent/why HTTP/1.1" + origin + "\r\nContent-Length: 3", "[1]")
              .starts_with("HTTP/1.1 400"));
    CHECK(console.ask("POST /agent/why HTTP/1.1\r\nContent-Length: 2", "{}")
              .starts_with("HTTP/1.1 403"));
    CHECK(console.ask("GET / HTTP/1.1").starts_with("HTTP/1.1 200")); // and goes on
}

TEST_CASE("console server: a client that trickles its request is cut, in the head as in the body") {
    console::Limits limits;
    limits.head = 300ms;
    limits.body = 300ms;
    const RunningConsole console(limits);
    const auto port = std::to_string(console.port());
    SECTION("head") {
        const auto slow = connect_loopback(console.port());
        send_all(slow.get(), "GET / HTTP/1.1\r\nHo");
        CHECK(closed_by_peer(slow.get(), 20s));
    }
    SECTION("body") {
        const auto slow = connect_loopback(console.port());
        send_all(slow.get(), "POST /agent/why HTTP/1.1\r\nHost: 127.0.0.1:" + port +
                                 "\r\nOrigin: http://127.0.0.1:" + port +
                                 "\r\nCookie: agent_console_" + port +
                                 "=cookie\r\nContent-Length: 100\r\n\r\n{\"name\":");
        CHECK(closed_by_peer(slow.get(), 20s));
    }
    CHECK(console.ask("GET / HTTP/1.1").starts_with("HTTP/1.1 200"));
}

TEST_CASE("console server: a hundred silent clients hold no more than their share, and go after a "
          "while") {
    console::Limits limits;
    limits.keep_alive = 500ms;
    limits.connections = 16;
    const RunningConsole console(limits);
    std::vector<agent::UniqueFd> silent;
    for (int i = 0; i < 100; ++i) silent.push_back(connect_loopback(console.port()));
    for (const auto& one : silent) CHECK(closed_by_peer(one.get(), 20s));
    CHECK(agent::test::eventually(
        [&] { return console.ask("GET / HTTP/1.1").starts_with("HTTP/1.1 200"); }));
}

TEST_CASE("console server: a request of somebody who has closed already, so that nobody knows "
          "whose it was, is not read") {
    RunningConsole console({}, RunningConsole::Begin::later);
    const std::string enter = "GET /?token=entry HTTP/1.1";
    {
        const auto gone = connect_loopback(console.port());
        REQUIRE(send_all(gone.get(), enter + "\r\nHost: 127.0.0.1:" +
                                         std::to_string(console.port()) + "\r\n\r\n"));
    }
    console.start();
    const auto answer = console.ask(enter); // which is good for one
    INFO(answer);
    CHECK(answer.find("Set-Cookie") != std::string::npos);
}

TEST_CASE("console server: ends when nobody who may pass asks; knocking without the cookie does "
          "not keep it up") {
    console::Limits limits;
    limits.idle = 400ms;
    const RunningConsole console(limits);
    CHECK(agent::test::eventually([&] {
        const auto stranger = connect_loopback(console.port());
        if (stranger) send_all(stranger.get(), "GET / HTTP/1.1\r\n\r\n");
        return console.ended();
    }));
}
