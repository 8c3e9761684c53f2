#include "ipc/dbus/mirror.hpp"

#include "async/with_timeout.hpp"
#include "base/time.hpp"
#include "ipc/dbus/limits.hpp"
#include "ipc/dbus/no_progress.hpp"

#include <algorithm>

namespace ipc::dbus {

namespace asio = boost::asio;
namespace log = agent::log;

namespace {

/// Its own name; else "https://boundary.example.com:9200" → "boundary.example.com:9200". A login
/// under another name than the usual one has that in front: "work@boundary.example.com:9200".
std::string shown_name(const KnownCluster& known) {
    const auto scheme = known.address.find("://");
    std::string name =
        scheme == std::string::npos ? known.address : known.address.substr(scheme + 3);
    if (!known.name.empty()) name = known.name;
    if (name.ends_with('/')) name.pop_back();
    return known.token_name.empty() || known.token_name == "default"
               ? name
               : known.token_name + "@" + name;
}

bool expired(const std::string& expiration) {
    const auto end = agent::parse_rfc3339(expiration);
    return end && *end <= agent::wall_now();
}

/// A proxy that went before its event came was told as running.
void end(Exported<Proxy>& shown) {
    Proxy last = shown.value();
    if (last.state == "ended") return;
    last.state = "ended";
    last.connections_open = 0;
    shown.change(std::move(last), true);
}
void end(Exported<KnownCluster>&) {}

/// Adds what is new, changes what is there, removes what is gone; each with its signal.
template <class T, class Change>
void show(sd_bus* bus, std::map<std::string, std::unique_ptr<Exported<T>>>& shown,
          std::map<std::string, T> present, const Change& change) {
    std::erase_if(shown, [&](auto& one) {
        if (present.contains(one.first)) return false;
        end(*one.second);
        one.second->withdraw();
        return true;
    });
    for (auto& [name, value] : present) {
        const auto known = shown.find(name);
        if (known != shown.end()) {
            change(*known->second, std::move(value));
        } else {
            auto& added = shown[name] = std::make_unique<Exported<T>>(bus, name, std::move(value));
            added->announce();
        }
    }
}

} // namespace

Mirror::Mirror(asio::any_io_executor executor, AgentCommands& commands)
    : commands_(commands), changed_(executor) {}

asio::awaitable<void> Mirror::attach(sd_bus* bus, BusLoop& loop) {
    bus_ = bus;
    loop_ = &loop;
    clusters_changed_ = true;
    co_await refresh();
    changed_.notify_all();
}

void Mirror::detach() noexcept {
    proxies_.clear();
    clusters_.clear();
    bus_ = nullptr;
    loop_ = nullptr;
    listened_ = false;
}

asio::awaitable<void> Mirror::watch_events() {
    EachReply<Watch> each([this](Watch::Response reply) { take(std::move(reply.event)); });
    for (;;) {
        const auto ended = co_await commands_.handle(Watch::Request(), each);
        if (!ended) log::warning("d-bus: watching events: {}", ended.error().message);
        co_await agent::async::sleep_for(std::chrono::seconds(1));
        touch();
    }
}

void Mirror::take(Event event) {
    for (const char* about_clusters : {"login", "logout", "login-needed", "clusters-changed"})
        clusters_changed_ = clusters_changed_ || event.kind == about_clusters;
    // The end of a session is told before the state, and before its object goes.
    if (bus_ != nullptr && on_event) on_event(event);
    if (event.proxy && event.kind == "proxy-ended") tell_end(*event.proxy);
    touch();
    if (loop_ != nullptr) loop_->wake();
}

void Mirror::tell_end(const Proxy& proxy) {
    const auto shown = proxies_.find(proxy.name);
    if (shown == proxies_.end() || shown->second->value().pid != proxy.pid)
        return; // another one by now
    shown->second->change(proxy, true);
}

void Mirror::touch() {
    dirty_ = true;
    changed_.notify_all();
}

void Mirror::set_listened(bool listened) {
    listened_ = listened;
    changed_.notify_all();
}

bool Mirror::counts_due() const {
    return listened_ && (counting_ || kept_back_) && Clock::now() - counted_ >= count_interval;
}

asio::awaitable<void> Mirror::keep_up() {
    for (;;) {
        if (bus_ == nullptr || !(dirty_ || counts_due())) {
            co_await pause();
            continue;
        }
        const bool bus_takes_no_more = loop_->unsent() > max_unsent;
        if (!bus_takes_no_more) co_await refresh();
        co_await agent::async::sleep_for(
            change_interval); // what happens meanwhile is told together
    }
}

// Until something changes, or until byte counts are due.
asio::awaitable<void> Mirror::pause() {
    if (bus_ == nullptr || !listened_ || !(counting_ || kept_back_)) {
        co_await changed_.wait();
        co_return;
    }
    const auto left = count_interval - (Clock::now() - counted_);
    co_await agent::async::with_timeout(changed_.wait(), std::max(left, Clock::duration::zero()));
}

asio::awaitable<void> Mirror::refresh() {
    dirty_ = false;
    NoProgress<ListProxies> none;
    ListProxies::Request request;
    if (counts_due()) request.fresh = true;
    auto listed = co_await commands_.handle(std::move(request), none);
    if (bus_ == nullptr) co_return;
    if (listed)
        show_proxies(std::move(listed->proxies));
    else
        log::warning("d-bus: reading the proxies: {}", listed.error().message);
    if (clusters_changed_) co_await read_clusters();
    if (loop_ != nullptr) loop_->wake();
}

void Mirror::show_proxies(std::vector<Proxy> proxies) {
    const bool counters = listened_ && Clock::now() - counted_ >= count_interval;
    std::map<std::string, Proxy> present;
    counting_ = false;
    kept_back_ = false;
    for (auto& proxy : proxies) {
        counting_ = counting_ || proxy.connections_open > 0;
        std::string name = proxy.name;
        present.emplace(std::move(name), std::move(proxy));
    }
    show<Proxy>(bus_, proxies_, std::move(present), [&](Exported<Proxy>& one, Proxy proxy) {
        const bool kept_back = one.change(std::move(proxy), counters);
        kept_back_ = kept_back_ || kept_back;
    });
    if (counters) counted_ = Clock::now();
}

asio::awaitable<void> Mirror::read_clusters() {
    clusters_changed_ = false;
    NoProgress<ListClusters> none;
    auto listed = co_await commands_.handle(ListClusters::Request(), none);
    if (bus_ == nullptr) co_return;
    if (!listed) co_return log::warning("d-bus: reading the clusters: {}", listed.error().message);
    std::map<std::string, KnownCluster> clusters;
    for (auto& known : listed->clusters) {
        known.name = shown_name(known);
        if (expired(known.expiration)) known.state = "expired";
        std::string name = known.name;
        clusters.emplace(std::move(name), std::move(known));
    }
    show<KnownCluster>(
        bus_, clusters_, std::move(clusters),
        [](Exported<KnownCluster>& one, KnownCluster now) { one.change(std::move(now), true); });
}

} // namespace ipc::dbus
