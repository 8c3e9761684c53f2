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

/// "https://boundary.example.com:9200" → "boundary.example.com:9200"; a login under another name than the usual one
/// has it in front: "work@boundary.example.com:9200".
std::string cluster_name(const std::string& address, const std::string& token_name) {
    const auto scheme = address.find("://");
    std::string host = scheme == std::string::npos ? address : address.substr(scheme + 3);
    if (host.ends_with('/')) host.pop_back();
    return token_name.empty() || token_name == "default" ? host : token_name + "@" + host;
}

std::string login_state(const std::string& expiration) {
    const auto end = agent::parse_rfc3339(expiration);
    return end && *end <= agent::wall_now() ? "expired" : "signed-in";
}

/// A proxy that went before its event came was told as running.
void end(Exported<Proxy>& shown) {
    Proxy last = shown.value();
    if (last.state == "ended") return;
    last.state = "ended";
    last.connections_open = 0;
    shown.change(std::move(last), true);
}
void end(Exported<ClusterView>&) {}

/// Adds what is new, changes what is there, removes what is gone; each with its signal.
template <class T, class Change>
void show(sd_bus* bus, std::map<std::string, std::unique_ptr<Exported<T>>>& shown, std::map<std::string, T> present,
          const Change& change) {
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

Mirror::Mirror(asio::any_io_executor executor, AgentCommands& commands) : commands_(commands), changed_(executor) {}

asio::awaitable<void> Mirror::attach(sd_bus* bus, BusLoop& loop) {
    bus_ = bus;
    loop_ = &loop;
    logins_changed_ = true;
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
    const bool about_login = event.kind == "login" || event.kind == "logout" || event.kind == "login-needed";
    logins_changed_ = logins_changed_ || about_login;
    if (event.proxy && event.kind == "proxy-ended") tell_end(*event.proxy);
    touch();
    if (bus_ != nullptr && on_event) on_event(event);
    if (loop_ != nullptr) loop_->wake();
}

void Mirror::tell_end(const Proxy& proxy) {
    const auto shown = proxies_.find(proxy.name);
    if (shown == proxies_.end() || shown->second->value().pid != proxy.pid) return; // another one by now
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
        co_await agent::async::sleep_for(change_interval); // what happens meanwhile is told together
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
    auto listed = co_await commands_.handle(std::move(request), none);
    if (bus_ == nullptr) co_return;
    if (listed)
        show_proxies(std::move(listed->proxies));
    else
        log::warning("d-bus: reading the proxies: {}", listed.error().message);
    if (logins_changed_) co_await read_clusters();
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
    logins_changed_ = false;
    NoProgress<Status> none;
    const auto status = co_await commands_.handle(Status::Request(), none);
    if (bus_ == nullptr) co_return;
    if (!status) co_return log::warning("d-bus: reading the logins: {}", status.error().message);
    std::map<std::string, ClusterView> clusters;
    for (const auto& login : status->logins) {
        ClusterView view;
        view.name = cluster_name(login.cluster, login.token_name);
        view.address = login.cluster;
        view.signed_in_as = login.user_id;
        view.token_name = login.token_name;
        view.expiration = login.expiration;
        view.state = login_state(login.expiration);
        std::string name = view.name;
        clusters.emplace(std::move(name), std::move(view));
    }
    show_clusters(std::move(clusters));
}

void Mirror::show_clusters(std::map<std::string, ClusterView> clusters) {
    for (const auto& [name, known] : clusters_) { // who has signed out keeps its object
        if (clusters.contains(name)) continue;
        ClusterView view;
        view.name = name;
        view.address = known->value().address;
        view.token_name = known->value().token_name;
        view.state = "signed-out";
        clusters.emplace(name, std::move(view));
    }
    show<ClusterView>(bus_, clusters_, std::move(clusters),
                      [](Exported<ClusterView>& one, ClusterView view) { one.change(std::move(view), true); });
}

} // namespace ipc::dbus
