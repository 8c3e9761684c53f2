// agent-console: the admin console for one user's browser, in front of agentd. agentctl console
// starts it, writes one line of JSON to its standard input (where agentd listens, which cluster)
// and reads one line from its standard output: the address to open, which holds the one-time token.
// It ends by itself when nobody uses it.

#include "async/run_main.hpp"
#include "base/caught.hpp"
#include "base/json.hpp"
#include "base/log.hpp"
#include "base/process.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "confine/confine.hpp"
#include "console/http_server.hpp"
#include "net/listen.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/this_coro.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <iostream>
#include <string>

namespace {

struct Settings {
    std::string socket;
    ipc::Cluster cluster;
    std::optional<std::int64_t> idle_ms;
    static constexpr auto fields = std::tuple{ipc::field("socket", &Settings::socket),
                                              ipc::field("cluster", &Settings::cluster),
                                              ipc::field("idle_ms", &Settings::idle_ms)};
};

agent::Result<Settings> read_settings() {
    std::string line;
    std::getline(std::cin, line);
    const auto json = agent::parse_json(line);
    if (!json) return json.error();
    Settings settings;
    if (auto read = ipc::from_json(*json, settings); !read) return read.error();
    return settings;
}

/// The last thing that standard output is for: who started us reads this line and goes on.
/// `nowhere` takes its place.
void announce(const std::string& address, agent::UniqueFd nowhere) {
    agent::Json line = agent::Json::object();
    line["address"] = address;
    line["pid"] = ::getpid();
    std::puts(agent::dump_json(line).c_str());
    std::fflush(stdout);
    ::dup2(nowhere.get(), STDOUT_FILENO);
}

/// Nobody has been served yet. agentd's socket may be opened for each request, so Unix sockets
/// stay.
void give_up_the_rest() {
    agent::confine::keep_to_system_calls(agent::confine::Opens::to_read);
    agent::confine::no_more_listening();
}

agent::awaitable<void> end_of_signals(boost::asio::signal_set& signals) {
    co_await signals.async_wait(agent::async::token);
}

agent::awaitable<void> run(Settings settings) {
    using namespace boost::asio::experimental::awaitable_operators;
    const auto executor = co_await boost::asio::this_coro::executor;
    boost::asio::signal_set signals(executor, SIGTERM, SIGINT);
    auto acceptor = agent::net::listen_tcp(executor, "127.0.0.1", 0);
    if (!acceptor) throw agent::ErrorException(acceptor.error());
    const auto port = acceptor->local_endpoint().port();
    const std::string entry = agent::random_base62(43);
    console::Gate gate(port, agent::Secret(entry), agent::Secret(agent::random_base62(43)));
    console::AgentLink link(executor, settings.socket, settings.cluster);
    console::Requests requests(link);
    console::Limits limits;
    if (settings.idle_ms) limits.idle = std::chrono::milliseconds(*settings.idle_ms);
    console::HttpServer server(std::move(*acceptor), gate, requests, limits);
    agent::UniqueFd nowhere(::open("/dev/null", O_WRONLY | O_CLOEXEC));
    give_up_the_rest(); // first: who reads the address may connect at once
    announce(gate.origin() + "/?token=" + entry, std::move(nowhere));
    co_await (server.run_until_idle() || end_of_signals(signals));
    co_await server.stop();
}

} // namespace

int main(int argc, char** argv) {
    if (argc > 1) {
        const bool version = std::string_view(argv[1]) == "--version";
        std::puts(version ? "agent-console " AGENT_VERSION
                          : "agent-console is started by `agentctl console`.");
        return version ? 0 : 3;
    }
    agent::harden_process();
    agent::log::set_level_from_environment();
    agent::confine::keep_to_files({}); // before the first thread
    std::signal(SIGHUP, SIG_IGN);      // the terminal that started us may close
    auto settings = read_settings();
    if (!settings) {
        std::fprintf(stderr, "standard input: %s\n", settings.error().message.c_str());
        return 3;
    }
    const auto ended = agent::async::run_main(run(std::move(*settings)));
    if (ended) return 0;
    std::fprintf(stderr, "%s\n", agent::one_line(ended.error()).c_str());
    return 2;
}
