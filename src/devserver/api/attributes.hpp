#pragma once
// Attributes of kinds that are data here and no more: what auth methods, accounts and managed
// groups are made of, as tables. Secrets go to store/credentials and are shown as an HMAC.

#include "devserver/api/call.hpp"

#include <span>
#include <string_view>

namespace devserver {

struct Attribute {
    enum class Type : std::uint8_t { text, url, texts, number, flag, secret };
    std::string_view name;
    Type type = Type::text;
    const char* missing = nullptr; ///< the complaint when a create does not say it
    std::int64_t lowest = 0;
    std::int64_t highest = 0;
    bool read_only = false;
    std::vector<std::string_view> choices = {}; ///< of a text or of each of several
};
using Attributes = std::span<const Attribute>;

/// Takes a body's `attributes` into `resource.extra`, but no secrets. A name that is not in the
/// table is refused. null takes away.
void accept_attributes(const Call& call, Attributes table, Resource& resource, bool creating,
                       FieldErrors& errors);
/// Keeps the secrets of a body. After the resource was written.
void write_secrets(Call& call, Attributes table, const Resource& resource);
/// What is set, by name; secrets as `NAME_hmac`.
Json shown_attributes(Call& call, Attributes table, const Resource& resource);

/// base64url of an HMAC-SHA256 under a key of this store: tells whether two secrets are the same.
std::string secret_hmac(Store& store, std::string_view secret);

} // namespace devserver
