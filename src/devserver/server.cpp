#include "devserver/server.hpp"

#include "async/with_timeout.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "net/endpoint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

namespace devserver {
namespace {

std::string text(const boost::asio::ip::tcp::endpoint& endpoint) {
    return agent::net::Endpoint{endpoint.address().to_string(), endpoint.port()}.text();
}

/// A wildcard address is no place to go to.
std::string reachable(const boost::asio::ip::tcp::endpoint& endpoint) {
    if (!endpoint.address().is_unspecified()) return text(endpoint);
    return agent::net::Endpoint{"127.0.0.1", endpoint.port()}.text();
}

WorkerLimits worker_limits(const Options& options) {
    WorkerLimits limits;
    limits.faults = options.worker_faults;
    return limits;
}

} // namespace

Server::Server(boost::asio::any_io_executor executor, Options options)
    : options_(std::move(options)), store_(options_.state),
      worker_(executor, store_.sessions, worker_limits(options_)), api_(store_, {}),
      http_(executor, api_), tickers_(executor) {
    store_.sessions.on_ended = [this](const std::string& id) { worker_.session_ended(id); };
}

/// Once it is known where the API listens, which an OIDC auth method says.
agent::Status Server::fill_store() {
    seeded_ = store_.empty();
    if (seeded_) {
        DevConfig config;
        if (!options_.config.empty()) {
            auto loaded = load_config(options_.config);
            if (!loaded) return loaded.error();
            config = std::move(*loaded);
        }
        options_.seed.api_url = "http://" + reachable(http_.endpoints().front());
        seed(store_, options_.seed, config);
    } else if (!options_.config.empty()) {
        agent::log::warning("{} holds resources already: -config {} is not applied again",
                            options_.state, options_.config);
    }
    return {};
}

agent::Status Server::start() {
    const auto api = agent::net::parse_listen_endpoint(options_.api_address, 9200);
    if (!api) return api.error();
    const auto proxy = agent::net::parse_listen_endpoint(options_.proxy_address, 9202);
    if (!proxy) return proxy.error();
    if (auto bound = worker_.listen(proxy->host, proxy->port); !bound) return bound.error();
    worker_address_ = options_.worker_public_address.empty()
                          ? reachable(worker_.endpoints().front())
                          : options_.worker_public_address;
    api_.set_worker_addresses({worker_address_});
    if (auto bound = http_.listen(api->host, api->port); !bound) return bound.error();
    if (auto filled = fill_store(); !filled)
        return filled; // nobody is answered before this turn ends
    tickers_.spawn(end_sessions(), "session ticker");
    tickers_.spawn(forget_sessions(), "session clean-up");
    return {};
}

/// A database that fails, as on a full disk, ends this turn and not all that follow.
void Server::take_turn(const char* what, void (Sessions::*work)()) {
    try {
        (store_.sessions.*work)();
    } catch (const DatabaseError& problem) {
        agent::log::error("{}: {}", what, problem.what());
    }
}

// As often as the reference: a cancelled session without connections stays "canceling" until then.
agent::awaitable<void> Server::end_sessions() {
    for (;;) {
        const auto pause = std::chrono::milliseconds(30'000 + agent::random_below(60'000));
        co_await agent::async::sleep_for(pause);
        take_turn("ending what is over", &Sessions::end_what_is_over);
    }
}

agent::awaitable<void> Server::forget_sessions() {
    for (;;) {
        co_await agent::async::sleep_for(std::chrono::minutes(30));
        take_turn("forgetting what is old", &Sessions::forget_old);
    }
}

std::string Server::api_url() const {
    return "http://" + text(http_.endpoints().front());
}

std::string Server::description() {
    const auto& seeded = options_.seed;
    const auto suffix = store_.setting("id_suffix"); // of the state file, when there is one
    const auto second_suffix = store_.setting("secondary_id_suffix");
    const auto id = [&](const char* prefix) { return std::string(prefix) + "_" + suffix; };
    const auto second = [&](const char* prefix) {
        return std::string(prefix) + "_" + second_suffix;
    };
    const auto listener = [](const std::string& address, const char* purpose) {
        return fmt::format("tcp (addr: \"{}\", purpose: \"{}\")", address, purpose);
    };
    const auto chosen = [&](const std::string& text) {
        return seeded_ ? text : "as the state file has it";
    };
    // A development server: these passwords are its purpose; everywhere else they would be ***.
    std::vector<std::pair<std::string, std::string>> rows = {
        {"Alias", "ssh.boundary.dev"},
        {"Admin Console", "http://" + reachable(http_.endpoints().front()) + "/"},
        {"Controller Public API Address", api_url()},
        {"Generated Admin Login Name", chosen(seeded.login_name)},
        {"Generated Admin Password", chosen(std::string(seeded.password.reveal()))},
        {"Generated Host Catalog Id", id("hcst")},
        {"Generated Host Id", id("hst")},
        {"Generated Host Set Id", id("hsst")},
        {"Generated Ldap Auth Method Id", id("amldap")},
        {"Generated Oidc Auth Method Id", id("amoidc")},
        {"Generated Org Scope Id", id("o")},
        {"Generated Password Auth Method Id", id("ampw")},
        {"Generated Project Scope Id", id("p")},
        {"Generated Target With Address Id", id("ttcp")},
        {"Generated Target With Host Source Id", second("ttcp")},
        {"Generated Unprivileged Login Name", chosen(seeded.unprivileged_login_name)},
        {"Generated Unprivileged Password",
         chosen(std::string(seeded.unprivileged_password.reveal()))},
        {"Listener 1", listener(text(http_.endpoints().front()), "api")},
        {"Listener 2", listener(text(worker_.endpoints().front()), "proxy")},
        {"State", options_.state == ":memory:" ? "in memory, gone at the end" : options_.state},
        {"Worker Public Proxy Address", worker_address_},
    };
    std::erase_if(rows, [&](const auto& row) { // left out, or not in an older state file
        return (row.second.starts_with("amldap_") || row.second.starts_with("amoidc_")) &&
               !store_.resources.find(row.second);
    });
    std::size_t width = 0;
    for (const auto& [label, value] : rows) width = std::max(width, label.size());
    std::string out = "Dev server configuration:\n\n";
    for (const auto& [label, value] : rows)
        out += fmt::format("  {:>{}}: {}\n", label, width, value);
    return out + "\nDev server started. Log data follows on standard error.\n";
}

agent::awaitable<void> Server::stop() {
    co_await tickers_.stop();
    co_await http_.stop();
    co_await worker_.stop();
    store_.sessions.on_ended = nullptr;
}

} // namespace devserver
