// Connect with reuse: ten ssh at once share one session. The first starts the proxy, the others
// wait for it.

#include "agent/reuse.hpp"

#include "agent/agent.hpp"
#include "boundary/session_authorization.hpp"

#include <algorithm>
#include <array>

namespace agent::core {
namespace {

using namespace std::chrono_literals;

/// A proxy that nobody asked for by name goes when it is not used: long enough for the next command
/// of a script.
constexpr auto unused_limit = 60s;

bool takes_connections(const ProxyStatus& status) {
    constexpr std::array open{ProxyState::idle, ProxyState::authorizing, ProxyState::ready,
                              ProxyState::busy};
    return std::ranges::find(open, status.state) != open.end() &&
           status.connections_left.value_or(-1) != 0;
}

} // namespace

std::string way_of(const ClusterChoice& choice, const ConnectWords& words) {
    if (choice.token || !words.authorization_token.empty()) return {};
    const std::string login = choice.use_stored_login ? choice.token_name : "none";
    const TargetWords& to = words.target;
    std::string way = choice.settings.address;
    for (const std::string& part :
         {login, to.target, to.target_name, to.scope_id, to.scope_name, to.host_id})
        way += '\n' + part;
    return way;
}

bool leads_there(const ManagedProxy& proxy, const ClusterChoice& choice,
                 const ConnectWords& words) {
    if (proxy.ended() || proxy.session_over() || !takes_connections(proxy.status)) return false;
    const std::string way = way_of(choice, words);
    if (way.empty() || !proxy.status.authorized_here) return false;
    if (proxy.way == way) return true;
    const std::string login = choice.use_stored_login ? choice.token_name : "none";
    if (!proxy.settings || proxy.settings->address != choice.settings.address ||
        proxy.token_name != login)
        return false;
    const TargetWords& to = words.target;
    return !to.target.empty() && to.target == proxy.status.target_id &&
           (to.host_id.empty() || to.host_id == proxy.status.host_id);
}

awaitable<Result<Connected>> Agent::connect_reusing(ClusterChoice choice, ConnectWords words,
                                                    ConnectObserver& observer) {
    std::string way = way_of(choice, words);
    if (!words.authorization_token.empty()) {
        const auto session =
            boundary::decode_authorization_token(words.authorization_token.reveal());
        if (session) way = session->session_id;
    }
    for (;;) {
        for (const auto& [name, proxy] : proxies_.all()) {
            const bool same_session =
                !way.empty() && proxy->status.session_id == way && takes_connections(proxy->status);
            if (!same_session && !leads_there(*proxy, choice, words)) continue;
            Connected connected;
            connected.proxy = proxy->status;
            co_return connected;
        }
        if (way.empty() || !opening_.contains(way)) break;
        co_await opened_.wait();
    }

    struct Opening {
        Opening(Agent& agent, std::string way) : agent_(agent), way_(std::move(way)) {
            agent_.opening_.insert(way_);
        }
        Opening(const Opening&) = delete;
        ~Opening() {
            agent_.opening_.erase(way_);
            agent_.opened_.notify_all();
        }
        Agent& agent_;
        std::string way_;
    } const opening(*this, std::move(way));
    words.reuse = false;
    words.inactive_from_start = true;
    if (words.inactive_timeout.count() == 0) words.inactive_timeout = unused_limit;
    co_return co_await connect(std::move(choice), std::move(words), observer);
}

} // namespace agent::core
