#include "agent/proxies.hpp"

#include <algorithm>

namespace agent::core {
namespace {

constexpr std::size_t longest_name = 64;

bool plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

} // namespace

std::shared_ptr<RunningProxy> Proxies::find(const std::string& name) const {
    const auto found = running_.find(name);
    return found == running_.end() ? nullptr : found->second;
}

std::shared_ptr<RunningProxy> Proxies::find_session(const std::string& session_id) const {
    for (const auto& [name, proxy] : running_)
        if (proxy->status.session_id == session_id && !session_id.empty()) return proxy;
    return nullptr;
}

void Proxies::add(std::shared_ptr<RunningProxy> proxy) {
    std::string name = proxy->status.name;
    running_.insert_or_assign(std::move(name), std::move(proxy));
}

void Proxies::remove(const RunningProxy& proxy) {
    const auto found = running_.find(proxy.status.name);
    if (found != running_.end() && found->second.get() == &proxy) running_.erase(found);
}

bool Proxies::valid_name(const std::string& name) {
    if (name.empty() || name.size() > longest_name || !plain(name.front())) return false;
    return std::ranges::all_of(name, [](char c) { return plain(c) || c == '.' || c == '_' || c == '-'; });
}

std::string Proxies::free_name(const std::string& wish) const {
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
    if (base.size() > longest_name - 8) base.resize(longest_name - 8); // room for a number
    std::string name = base;
    for (int number = 2; taken(name); ++number) name = base + "-" + std::to_string(number);
    return name;
}

} // namespace agent::core
