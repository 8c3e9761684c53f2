#include "devserver/store/auth_tokens.hpp"

#include "base/random.hpp"
#include "devserver/store/ids.hpp"
#include "devserver/store/password_hash.hpp"

#include <algorithm>
#include <chrono>

namespace devserver {
namespace {

using namespace std::chrono_literals;
constexpr auto time_to_live = 24h * 7;
constexpr auto time_to_stale = 24h;
constexpr auto use_is_noted_every = 10min;

// Base62 without the four signs that base58 leaves out: clients may check the alphabet.
std::string random_base58(std::size_t length) {
    std::string text;
    while (text.size() < length)
        for (const char c : agent::random_base62(length))
            if (std::string_view("0OIl").find(c) == std::string_view::npos && text.size() < length)
                text += c;
    return text;
}

} // namespace

IssuedToken AuthTokens::issue(const Resource& account) {
    IssuedToken issued;
    Resource resource;
    resource.id = new_id("at");
    resource.kind = "auth-token";
    resource.scope_id = account.scope_id;
    resource.owner_id = account.owner_id;
    Transaction transaction(database_);
    issued.resource = resources_.create(std::move(resource));
    issued.text = agent::Secret(issued.resource.id + "_s1" + random_base58(60));
    const auto expiration =
        std::chrono::floor<std::chrono::seconds>(issued.resource.created + time_to_live);
    issued.token = AuthToken{issued.resource.id, account.owner_id,        account.parent_id,
                             account.id,         issued.resource.created, expiration};
    database_.run("INSERT INTO auth_token (id, hash, user_id, auth_method_id, account_id, "
                  "last_used, expiration) "
                  "VALUES (?,?,?,?,?,?,?)",
                  issued.token.id, hash_token(issued.text.reveal()), issued.token.user_id,
                  issued.token.auth_method_id, issued.token.account_id, issued.token.last_used,
                  issued.token.expiration);
    transaction.commit();
    return issued;
}

std::optional<AuthToken> AuthTokens::find(const std::string& id) {
    auto row = database_.query("SELECT id, user_id, auth_method_id, account_id, last_used, "
                               "expiration FROM auth_token WHERE id=?",
                               id);
    if (!row.step()) return std::nullopt;
    return AuthToken{row.text(0), row.text(1), row.text(2), row.text(3), row.time(4), row.time(5)};
}

std::optional<AuthToken> AuthTokens::recognise(std::string_view text) {
    if (!text.starts_with("at_") || std::ranges::count(text, '_') != 2) return std::nullopt;
    const std::string id(text.substr(0, text.find('_', 3)));
    auto row = database_.query("SELECT hash FROM auth_token WHERE id=?", id);
    if (!row.step() || !equal_in_constant_time(row.text(0), hash_token(text))) return std::nullopt;
    return find(id);
}

bool AuthTokens::dead(const AuthToken& token) const {
    const auto now = now_();
    return now >= token.expiration || now - token.last_used > time_to_stale;
}

void AuthTokens::note_use(const AuthToken& token) {
    const auto now = to_microseconds(now_());
    if (now - token.last_used < use_is_noted_every) return;
    database_.run("UPDATE auth_token SET last_used=? WHERE id=?", now, token.id);
    database_.run("UPDATE resource SET updated=? WHERE id=?", now, token.id);
}

void AuthTokens::forget(const std::string& id) {
    database_.run("DELETE FROM auth_token WHERE id=?", id);
}

} // namespace devserver
