// targets/…:authorize-session. In order: which target, may the caller, which endpoint, the session
// with its certificate, the credentials. Nothing is written before every check has passed.

#include "boundary/session_authorization.hpp"
#include "devserver/api/brokered_credentials.hpp"
#include "devserver/api/collections.hpp"
#include "devserver/api/fields.hpp"
#include "devserver/api/permissions.hpp"
#include "devserver/store/ids.hpp"
#include "devserver/worker/session_certificate.hpp"
#include "net/endpoint.hpp"

#include "base/random.hpp"

#include <algorithm>

namespace devserver {
namespace {

struct Found {
    std::optional<Resource> target;
    std::string host_id; ///< an alias may name one
    Refusal refusal;
};

Found by_name(Call& call, const std::string& name) {
    Found found;
    auto scope_id = agent::string_member(call.body, "scope_id");
    const auto scope_name = agent::string_member(call.body, "scope_name");
    if (!scope_id.empty() && !scope_name.empty()) {
        found.refusal =
            invalid_fields({{"scope_name", "Give the scope's id or its name, not both."}});
        return found;
    }
    if (call.target.id != name) {
        found.refusal = invalid_fields({{"name", "This must be the last element of the path."}});
        return found;
    }
    if (scope_id.empty())
        for (const auto& scope : call.store.resources.all("scope"))
            if (scope.type == "project" && scope.name == scope_name) scope_id = scope.id;
    found.target = call.store.resources.find_named("target", scope_id, name);
    return found;
}

Found by_alias(Call& call) {
    Found found;
    std::string value = call.target.id;
    std::ranges::transform(value, value.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const auto alias = call.store.resources.find_by_key("alias", value);
    if (!alias) {
        found.refusal = not_found("There is no alias \"" + value + "\".");
        return found;
    }
    const auto destination = agent::string_member(alias->extra, "destination_id");
    found.target = call.store.resources.find(destination);
    found.host_id = agent::string_member(alias->extra, "host_id");
    if (!found.target) found.refusal = not_found("The alias \"" + value + "\" leads to no target.");
    return found;
}

Found find_target(Call& call) {
    const auto name = agent::string_member(call.body, "name");
    const bool scoped = agent::find_member(call.body, "scope_id") != nullptr ||
                        agent::find_member(call.body, "scope_name") != nullptr;
    if (!name.empty() && scoped) return by_name(call, name);
    if (call.target.id.find('_') == std::string::npos) return by_alias(call);
    Found found;
    found.target = call.store.resources.find(call.target.id);
    return found;
}

struct Endpoint {
    std::string address;
    std::string host_id;
    std::string host_set_id;
};

/// One of the target's endpoints, uniformly at random; a host that is in two sets counts twice.
Refusal choose_endpoint(Call& call, const Resource& target, const std::string& host_id,
                        Endpoint& chosen) {
    chosen.address = agent::string_member(target.extra, "address");
    if (!chosen.address.empty()) return std::nullopt;
    auto& resources = call.store.resources;
    std::vector<Endpoint> endpoints;
    const auto sets = resources.linked(target.id, "host-source");
    for (const auto& set : sets)
        for (const auto& host : resources.linked(set, "host"))
            if (const auto found = resources.find(host))
                endpoints.push_back({agent::string_member(found->extra, "address"), host, set});
    if (sets.empty()) return not_found("No host sources or address found for given target.");
    if (!host_id.empty()) {
        std::erase_if(endpoints, [&](const Endpoint& one) { return one.host_id != host_id; });
        if (endpoints.empty())
            return invalid_fields(
                {{"host_id", "This host is not among the target's host sources."}});
    }
    if (endpoints.empty())
        return failed_precondition(
            "No host was discovered after checking target address and host sources.");
    chosen = endpoints[agent::random_below(endpoints.size())];
    return std::nullopt;
}

std::vector<std::string> hosts_of(const std::vector<std::string>& addresses) {
    std::vector<std::string> hosts;
    for (const auto& address : addresses)
        if (auto endpoint = agent::net::parse_endpoint(address))
            hosts.push_back(std::move(endpoint->host));
    return hosts;
}

agent::boundary::SessionAuthorization authorization(Call& call, const Session& session,
                                                    const Resource& target, const Resource& row) {
    agent::boundary::SessionAuthorization data;
    data.session_id = session.id;
    data.target_id = target.id;
    if (const auto scope = call.store.resources.find(target.scope_id)) {
        data.scope.id = scope->id;
        data.scope.type = scope->type;
        data.scope.name = scope->name.value_or("");
        data.scope.description = scope->description.value_or("");
        data.scope.parent_scope_id = scope->scope_id;
    }
    data.created_time = row.created;
    data.type = target.type;
    data.connection_limit = session.connection_limit;
    data.endpoint_port = target.extra.value("default_port", 0U);
    data.expiration = session.expiration;
    data.certificate = session.certificate_der;
    data.private_key = session.private_key;
    data.host_id = session.host_id;
    data.endpoint = session.endpoint;
    data.workers = call.settings.worker_addresses;
    data.default_client_port = target.extra.value("default_client_port", 0U);
    return data;
}

} // namespace

Reply authorize_session(Call& call) {
    auto found = find_target(call);
    if (found.refusal) return *found.refusal;
    if (!found.target || found.target->kind != "target") return not_found();
    const Resource& target = *found.target;
    if (auto refusal = refuse_action(call, target, "authorize-session")) return *refusal;
    if (!target.extra.contains("default_port"))
        return failed_precondition("Target does not have default port defined.");

    FieldErrors errors;
    auto host_id = body_text(call.body, "host_id", errors).value_or("");
    if (!errors.empty()) return invalid_fields(errors);
    if (!found.host_id.empty()) {
        if (!host_id.empty() && host_id != found.host_id)
            return invalid_fields({{"host_id", "The alias names another host."}});
        host_id = found.host_id;
    }
    Endpoint endpoint;
    if (auto refusal = choose_endpoint(call, target, host_id, endpoint)) return *refusal;
    if (call.settings.worker_addresses.empty())
        return failed_precondition("No workers are available to handle this session.");

    const auto port = target.extra.value("default_port", 0);
    const bool v6 =
        endpoint.address.find(':') != std::string::npos && !endpoint.address.starts_with('[');
    Session session;
    session.id = new_id("s");
    session.target_id = target.id;
    session.user_id = call.caller.user_id;
    session.auth_token_id = call.caller.token_id;
    session.host_id = endpoint.host_id;
    session.host_set_id = endpoint.host_set_id;
    session.endpoint = target.type + "://" +
                       (v6 ? "[" + endpoint.address + "]" : endpoint.address) + ":" +
                       std::to_string(port);
    const auto now = to_microseconds(call.store.now());
    session.expiration =
        now + std::chrono::seconds(target.extra.value("session_max_seconds", 28800));
    session.connection_limit = target.extra.value("session_connection_limit", -1);
    auto certificate = make_session_certificate(
        session.id, hosts_of(call.settings.worker_addresses), now, session.expiration);
    session.certificate_der = std::move(certificate.certificate_der);
    session.private_key = std::move(certificate.private_key);
    const auto row = call.store.sessions.create(session, target.scope_id);

    Json reply;
    reply["session_id"] = session.id;
    reply["target_id"] = target.id;
    reply["scope"] = scope_object(call, target.scope_id);
    reply["created_time"] = agent::format_rfc3339(row.created);
    reply["user_id"] = session.user_id;
    if (!session.host_set_id.empty()) reply["host_set_id"] = session.host_set_id;
    if (!session.host_id.empty()) reply["host_id"] = session.host_id;
    reply["type"] = target.type;
    reply["authorization_token"] =
        agent::boundary::encode_authorization_token(authorization(call, session, target, row));
    reply["connection_limit"] = session.connection_limit;
    reply["endpoint"] = session.endpoint;
    reply["endpoint_port"] = port;
    reply["expiration"] = agent::format_rfc3339(session.expiration);
    auto credentials = brokered_credentials(call.store, target);
    if (!credentials.empty()) reply["credentials"] = std::move(credentials);
    return {200, std::move(reply)};
}

} // namespace devserver
