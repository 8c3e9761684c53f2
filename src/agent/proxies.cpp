#include "agent/proxies.hpp"

#include "config/agent_config.hpp"

namespace agent::core {
namespace {

bool plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

} // namespace

std::string place_of(const ProxyStatus& proxy) {
    if (proxy.port == 0) return proxy.socket_path;
    const bool v6 = proxy.address.find(':') != std::string::npos;
    return (v6 ? "[" + proxy.address + "]" : proxy.address) + ":" + std::to_string(proxy.port);
}

std::shared_ptr<ManagedProxy> Proxies::find(const std::string& name) const {
    const auto found = running_.find(name);
    return found == running_.end() ? nullptr : found->second;
}

std::shared_ptr<ManagedProxy> Proxies::holder_of(const std::string& session_id) const {
    if (session_id.empty()) return nullptr;
    for (const auto& [name, proxy] : running_)
        if (proxy->status.session_id == session_id) return proxy;
    for (const auto& [name, proxy] : running_)
        if (proxy->held_session == session_id) return proxy;
    return nullptr;
}

void Proxies::add(std::shared_ptr<ManagedProxy> proxy) {
    std::string name = proxy->status.name;
    running_.insert_or_assign(std::move(name), std::move(proxy));
}

void Proxies::remove(const ManagedProxy& proxy) {
    const auto found = running_.find(proxy.status.name);
    if (found != running_.end() && found->second.get() == &proxy) running_.erase(found);
}

void Proxies::network_back() {
    for (const auto& [name, proxy] : running_) {
        proxy->pace.network_back(std::chrono::steady_clock::now());
        proxy->hurry_up();
    }
    for (const auto& [name, proxy] : running_)
        if (proxy->status.state == ProxyState::waiting_network) proxy->want_session();
}

void Proxies::logged_in() {
    for (const auto& [name, proxy] : running_) proxy->hurry_up();
    for (const auto& [name, proxy] : running_)
        if (proxy->status.state == ProxyState::waiting_login) proxy->want_session();
}

std::string Proxies::free_name(const std::string& wish,
                               const std::function<bool(const std::string&)>& remembered) const {
    std::string base;
    for (char c : wish) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        const bool allowed = plain(c) || (!base.empty() && (c == '.' || c == '_' || c == '-'));
        if (allowed)
            base += c;
        else if (!base.empty() && base.back() != '-')
            base += '-';
    }
    while (!base.empty() && base.back() == '-') base.pop_back();
    if (base.empty()) base = "proxy";
    if (base.size() > config::longest_name - 8)
        base.resize(config::longest_name - 8); // room for a number
    std::string name = base;
    for (int number = 2; taken(name) || remembered(name); ++number)
        name = base + "-" + std::to_string(number);
    return name;
}

} // namespace agent::core
