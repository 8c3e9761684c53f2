// agent-dev-server: a whole Boundary in one process, for trying and testing. agentctl dev executes
// it. Builds store, API and worker, prints what there is, runs until a signal.

#include "async/run_main.hpp"
#include "base/caught.hpp"
#include "base/command_line.hpp"
#include "base/log.hpp"
#include "base/process.hpp"
#include "confine/confine.hpp"
#include "devserver/server.hpp"
#include "net/resolve.hpp"
#include "proxy/file_limit.hpp"

#include <boost/asio/signal_set.hpp>
#include <boost/asio/this_coro.hpp>

#include <systemd/sd-daemon.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

namespace {

constexpr std::size_t resolver_threads = 4; // targets have names

/// The state's folder, where SQLite puts files beside it.
void keep_to_files(const devserver::Options& options) {
    agent::confine::Files files;
    if (!options.config.empty()) files.readable.push_back(options.config);
    std::error_code ec; // a link leads to its file's folder
    const auto state =
        std::filesystem::weakly_canonical(std::filesystem::absolute(options.state, ec), ec);
    if (options.state != ":memory:") files.writable.push_back(state.parent_path().string());
    agent::confine::keep_to_files(files);
}

void give_up_the_rest() {
    agent::confine::keep_to_system_calls(agent::confine::Opens::to_write_too);
    agent::confine::no_more_unix_sockets();
    agent::confine::no_more_listening();
}

agent::awaitable<void> run(devserver::Options options) {
    const auto executor = co_await boost::asio::this_coro::executor;
    boost::asio::signal_set signals(executor, SIGTERM, SIGINT);
    devserver::Server server(executor, std::move(options));
    const auto started = server.start();
    if (started) {
        std::fputs(server.description().c_str(), stdout);
        std::fflush(stdout);
        ::sd_notify(0, "READY=1");
        give_up_the_rest();
        const auto [ec, number] = co_await signals.async_wait(agent::async::token);
        agent::log::info("stopping signal={}", number);
    }
    co_await server.stop();
    if (!started) throw agent::ErrorException(started.error());
}

} // namespace

int main(int argc, char** argv) {
    agent::CommandLine line(argc, argv);
    const std::vector<std::string> words(line.words().begin(), line.words().end());
    const auto options = devserver::parse_options(words);
    for (std::size_t at = 0; at < words.size(); ++at)
        if (!devserver::holds_password(words, at)) line.show(line.words()[at]);
    if (!options) {
        std::fprintf(stderr, "%s\n", options.error().message.c_str());
        return agent::exit_code(options.error().code);
    }
    if (options->help) {
        std::fputs(devserver::usage().c_str(), stdout);
        return 0;
    }
    agent::harden_process();
    agent::proxy::raise_file_limit();
    agent::log::set_level_from_environment();
    keep_to_files(*options); // before the first thread
    agent::net::start_resolver(resolver_threads);
    const auto ended = agent::async::run_main(run(*options));
    if (ended) return 0;
    std::fprintf(stderr, "%s\n", agent::one_line(ended.error()).c_str());
    return agent::exit_code(ended.error().code);
}
