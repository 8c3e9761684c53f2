// The certificate authority that workers would be enrolled with: its face only.

#include "devserver/api/collections.hpp"
#include "devserver/api/fields.hpp"
#include "devserver/api/permissions.hpp"

#include "base/random.hpp"

#include <chrono>

namespace devserver {
namespace {

using namespace std::chrono_literals;
constexpr const char* kept_as = "worker_authority";

std::string random_sha256() {
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (int i = 0; i < 64; ++i) text += digits[agent::random_below(digits.size())];
    return text;
}

Json certificate(const char* id, WallTime from) {
    Json one;
    one["id"] = id;
    one["public_key_sha256"] = random_sha256();
    one["not_before_time"] = agent::format_rfc3339(from - 5min);
    one["not_after_time"] = agent::format_rfc3339(from + 24h * 14 + 5min);
    return one;
}

Json make_authority(Call& call) {
    const auto now = to_microseconds(call.store.now());
    Json authority;
    authority["certs"].push_back(certificate("current", now));
    authority["certs"].push_back(certificate("next", now + 24h * 7));
    call.store.set_setting(kept_as, agent::dump_json(authority));
    return authority;
}

Refusal refuse(Call& call, const char* action, const char* when) {
    if (call.parameter("scope_id") != "global")
        return invalid_fields({{"scope_id", std::string("Must be 'global' when ") + when + "."}});
    return refuse_in_scope(call, "global", "worker", action);
}

} // namespace

Reply read_certificate_authority(Call& call) {
    if (auto refusal = refuse(call, "read-certificate-authority", "reading")) return *refusal;
    auto kept = agent::parse_json(call.store.setting(kept_as));
    return {200, kept ? std::move(*kept) : make_authority(call)};
}

Reply reinitialize_certificate_authority(Call& call) {
    if (auto refusal = refuse(call, "reinitialize-certificate-authority", "reinitializing certs"))
        return *refusal;
    return {200, make_authority(call)};
}

} // namespace devserver
