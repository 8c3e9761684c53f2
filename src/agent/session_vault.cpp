#include "agent/session_vault.hpp"

#include "base/log.hpp"

namespace agent::core {

SessionVault::SessionVault(std::string prefix) : kernel_(std::move(prefix)) {
    const auto usable = kernel_.probe();
    kernel_works_ = usable.has_value();
    if (!usable) log::warning("{}; session keys are kept in memory and end with agentd", usable.error().message);
}

void SessionVault::put(const std::string& cluster, const std::string& session_id, const SessionSecrets& secrets,
                       std::optional<WallTime> expires) {
    const keyring::Key key{cluster, session_id};
    // The TOFU token has 20 characters of 0-9A-Za-z, the authorization token is base58.
    const Secret both(std::string(secrets.tofu_token.reveal()) + "\n" +
                      std::string(secrets.authorization_token.reveal()));
    if (kernel_works_) {
        const auto stored = kernel_.store(key, both, expires);
        if (stored) return;
        log::warning("session={}: {}; its key is kept in memory", session_id, stored.error().message);
    }
    (void)memory_.store(key, both, expires);
}

std::optional<SessionSecrets> SessionVault::find(const std::string& cluster, const std::string& session_id) {
    const keyring::Key key{cluster, session_id};
    auto found = memory_.load(key);
    if (kernel_works_ && (!found || !found->has_value())) found = kernel_.load(key);
    if (!found || !found->has_value()) return std::nullopt;
    const auto both = (*found)->reveal();
    const std::size_t end = both.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    SessionSecrets secrets;
    secrets.tofu_token = Secret(std::string(both.substr(0, end)));
    secrets.authorization_token = Secret(std::string(both.substr(end + 1)));
    return secrets;
}

void SessionVault::forget(const std::string& cluster, const std::string& session_id) {
    const keyring::Key key{cluster, session_id};
    (void)memory_.remove(key);
    if (kernel_works_) (void)kernel_.remove(key);
}

} // namespace agent::core
