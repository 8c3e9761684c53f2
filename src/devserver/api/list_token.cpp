#include "devserver/api/list_token.hpp"

#include "base/random.hpp"
#include "boundary/base58.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <chrono>

namespace devserver {
namespace {

constexpr std::size_t mac_size = 16;
constexpr auto time_to_live = std::chrono::hours(24 * 30);

// Kept with the state: tokens stay good when a dev server with -state starts again.
std::string mac(Store& store, std::string_view text) {
    std::string key = store.setting("list_token_key");
    if (key.empty()) {
        key = agent::random_base62(43);
        store.set_setting("list_token_key", key);
    }
    std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
    unsigned int size = 0;
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), out.data(), &size);
    return std::string(reinterpret_cast<const char*>(out.data()), mac_size);
}

std::int64_t ticks(WallTime time) {
    return time.time_since_epoch().count();
}

agent::Error bad(const char* what) {
    return agent::fail(agent::Errc::invalid_argument, agent::Hop::controller, what);
}

} // namespace

std::string encode_list_token(Store& store, const ListToken& token) {
    Json json;
    json["k"] = token.kind;
    json["h"] = static_cast<int>(token.phase);
    json["p"] = token.permissions;
    json["c"] = ticks(token.created);
    json["b"] = ticks(token.phase_started);
    json["s"] = ticks(token.since);
    json["l"] = token.last_id;
    json["t"] = ticks(token.last_time);
    const std::string text = agent::dump_json(json);
    return agent::boundary::base58_encode(mac(store, text) + text);
}

agent::Result<ListToken> decode_list_token(Store& store, std::string_view text,
                                           const std::string& kind,
                                           const std::string& permissions) {
    const auto bytes = agent::boundary::base58_decode(text);
    if (!bytes || bytes->size() <= mac_size) return bad("The list token is malformed.");
    const std::string_view body = std::string_view(*bytes).substr(mac_size);
    const std::string expected = mac(store, body);
    if (CRYPTO_memcmp(expected.data(), bytes->data(), mac_size) != 0)
        return bad("The list token is malformed.");
    const auto json = agent::parse_json(body);
    if (!json) return bad("The list token is malformed.");
    const auto time = [&](const char* name) {
        return WallTime(std::chrono::nanoseconds(json->at(name).get<std::int64_t>()));
    };
    ListToken token;
    token.kind = agent::string_member(*json, "k");
    token.phase = static_cast<ListToken::Phase>(json->at("h").get<int>());
    token.permissions = agent::string_member(*json, "p");
    token.created = time("c");
    token.phase_started = time("b");
    token.since = time("s");
    token.last_id = agent::string_member(*json, "l");
    token.last_time = time("t");
    if (token.kind != kind) return bad("The list token was issued for another resource type.");
    if (token.permissions != permissions)
        return bad("The caller's permissions have changed since the list token was issued.");
    if (store.now() - token.created > time_to_live) return bad("The list token has expired.");
    return token;
}

} // namespace devserver
