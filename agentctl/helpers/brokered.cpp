#include "agentctl/helpers/brokered.hpp"

#include <algorithm>

namespace agentctl::helpers {
namespace {

using agent::Json;
using agent::string_member;

/// Of one object with members: what it is, if it is complete.
bool read_as(Kind kind, const Json& members, Credential& to) {
    const bool key = kind == Kind::ssh_private_key;
    std::string secret = string_member(members, key ? "private_key" : "password");
    if (secret.empty()) return false;
    if (kind != Kind::password) {
        to.username = string_member(members, "username");
        if (to.username.empty()) {
            agent::wipe(secret);
            return false;
        }
    }
    to.kind = kind;
    to.secret = agent::Secret(std::move(secret));
    if (key) to.passphrase = agent::Secret(string_member(members, "private_key_passphrase"));
    return true;
}

Kind declared_kind(std::string_view type) {
    if (type == "username_password") return Kind::username_password;
    if (type == "password") return Kind::password;
    if (type == "ssh_private_key") return Kind::ssh_private_key;
    return Kind::unspecified;
}

Credential sorted(const Json& one, const Json& source) {
    Credential credential;
    credential.whole = one;
    const std::string type = string_member(source, "credential_type");
    const Json* typed = agent::find_member(one, "credential");
    const Kind declared = declared_kind(type);
    if (declared != Kind::unspecified && typed != nullptr && read_as(declared, *typed, credential))
        return credential;
    // These have members by the same names, and more that no program here knows.
    if (type == "username_password_domain" || type == "json") return credential;
    // Vault's generic secrets and the like: by what they hold.
    const Json* secret = agent::find_member(one, "secret");
    const Json* decoded = secret == nullptr ? nullptr : agent::find_member(*secret, "decoded");
    if (decoded == nullptr) return credential;
    for (const Kind kind : {Kind::username_password, Kind::password, Kind::ssh_private_key})
        if (read_as(kind, *decoded, credential)) return credential;
    credential.username.clear();
    return credential;
}

} // namespace

agent::Result<Brokered> Brokered::sort(const std::vector<Json>& credentials) {
    Brokered brokered;
    for (const Json& one : credentials) {
        const Json* source = agent::find_member(one, "credential_source");
        if (source == nullptr)
            return agent::fail(agent::Errc::invalid_argument, agent::Hop::controller,
                               "Error interpreting secret: a credential does not say where it is "
                               "from");
        brokered.all_.push_back(sorted(one, *source));
    }
    return brokered;
}

Credential* Brokered::first(Kind kind) {
    const auto found = std::ranges::find(all_, kind, &Credential::kind);
    return found == all_.end() ? nullptr : &*found;
}

bool Brokered::has_password() const {
    return std::ranges::any_of(all_, [](const Credential& one) {
        return one.kind == Kind::username_password || one.kind == Kind::password;
    });
}

void Brokered::forget() {
    for (Credential& one : all_) agent::wipe(one.whole);
    all_.clear();
}

std::vector<Json> Brokered::rest() const {
    std::vector<Json> rest;
    for (const Kind kind :
         {Kind::unspecified, Kind::ssh_private_key, Kind::username_password, Kind::password})
        for (const Credential& one : all_)
            if (one.kind == kind && !one.consumed) rest.push_back(one.whole);
    return rest;
}

} // namespace agentctl::helpers
