#include "agent/session/session_vault.hpp"

#include "base/log.hpp"
#include "boundary/session_authorization.hpp"

#include <string_view>

namespace agent::core {
namespace {

constexpr std::size_t seed_bytes = 32; // of the private key; the other half of it is public
constexpr std::string_view split =
    "\x02"; // begins what holds a seed and a TOFU token; older agentds wrote both tokens

struct TokenParts {
    Secret secret;
    std::string open;
};

/// The authorization token with zeros for the seed, and the two things that must not be read.
TokenParts take_apart(const SessionSecrets& secrets) {
    TokenParts parts;
    auto authorization = boundary::decode_authorization_token(secrets.authorization_token.reveal());
    if (!authorization) { // nobody could use it either
        parts.secret = Secret(std::string(secrets.tofu_token.reveal()) + "\n" +
                              std::string(secrets.authorization_token.reveal()));
        return parts;
    }
    const auto key = authorization->private_key.reveal();
    std::string secret(split);
    secret.reserve(split.size() + seed_bytes + secrets.tofu_token.reveal().size());
    secret += key.substr(0, seed_bytes);
    secret += secrets.tofu_token.reveal();
    parts.secret = Secret(std::move(secret));
    authorization->private_key =
        Secret(std::string(seed_bytes, '\0') + std::string(key.substr(seed_bytes)));
    parts.open = boundary::encode_authorization_token(*authorization);
    return parts;
}

std::optional<SessionSecrets> put_together(const Secret& secret, const std::string& open) {
    const auto bytes = secret.reveal();
    SessionSecrets secrets;
    if (!bytes.starts_with(split)) {
        const std::size_t end = bytes.find('\n');
        if (end == std::string_view::npos) return std::nullopt;
        secrets.tofu_token = Secret(std::string(bytes.substr(0, end)));
        secrets.authorization_token = Secret(std::string(bytes.substr(end + 1)));
        return secrets;
    }
    auto authorization = boundary::decode_authorization_token(open);
    if (!authorization || bytes.size() < split.size() + seed_bytes) return std::nullopt;
    std::string key(bytes.substr(split.size(), seed_bytes));
    key += authorization->private_key.reveal().substr(seed_bytes);
    authorization->private_key = Secret(std::move(key));
    secrets.tofu_token = Secret(std::string(bytes.substr(split.size() + seed_bytes)));
    secrets.authorization_token = Secret(boundary::encode_authorization_token(*authorization));
    return secrets;
}

} // namespace

SessionVault::SessionVault(std::string prefix) : kernel_(std::move(prefix)) {
    const auto usable = kernel_.probe();
    kernel_works_ = usable.has_value();
    if (!usable)
        log::warning("{}; session keys are kept in memory and end with agentd",
                     usable.error().message);
}

std::string SessionVault::put(const std::string& cluster, const std::string& session_id,
                              const SessionSecrets& secrets, std::optional<WallTime> expires) {
    const keyring::Key key{cluster, session_id};
    auto parts = take_apart(secrets);
    if (kernel_works_) {
        const auto stored = kernel_.store(key, parts.secret, expires);
        if (stored) return parts.open;
        log::warning("session={}: {}; its key is kept in memory", session_id,
                     stored.error().message);
    }
    (void)memory_.store(key, parts.secret, expires);
    return parts.open;
}

std::optional<SessionSecrets> SessionVault::find(const std::string& cluster,
                                                 const std::string& session_id,
                                                 const std::string& open_part) {
    const keyring::Key key{cluster, session_id};
    auto found = memory_.load(key);
    if (kernel_works_ && (!found || !found->has_value())) found = kernel_.load(key);
    if (!found || !found->has_value()) return std::nullopt;
    return put_together(**found, open_part);
}

void SessionVault::forget(const std::string& cluster, const std::string& session_id) {
    const keyring::Key key{cluster, session_id};
    (void)memory_.remove(key);
    if (kernel_works_) (void)kernel_.remove(key);
}

} // namespace agent::core
