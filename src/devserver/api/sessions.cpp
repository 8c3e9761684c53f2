#include "devserver/api/collections.hpp"
#include "devserver/api/crud.hpp"
#include "devserver/api/fields.hpp"
#include "devserver/api/permissions.hpp"

#include "base/base64.hpp"

namespace devserver {
namespace {

Json states_of(Call& call, const std::string& id) {
    Json states = Json::array();
    for (const auto& state : call.store.sessions.states(id)) {
        Json one;
        one["status"] = state.status;
        one["start_time"] = agent::format_rfc3339(state.started);
        if (state.ended) one["end_time"] = agent::format_rfc3339(*state.ended);
        states.push_back(std::move(one));
    }
    return states;
}

Json connections_of(Call& call, const std::string& id) {
    Json connections = Json::array();
    for (const auto& connection : call.store.sessions.connections(id)) {
        Json one = Json::object();
        const auto& addresses = connection.addresses;
        if (!addresses.client_address.empty()) {
            one["client_tcp_address"] = addresses.client_address;
            one["client_tcp_port"] = addresses.client_port;
        }
        if (!addresses.endpoint_address.empty()) {
            one["endpoint_tcp_address"] = addresses.endpoint_address;
            one["endpoint_tcp_port"] = addresses.endpoint_port;
        }
        // int64 travels as a string, and zero is left out
        if (connection.bytes_up > 0) one["bytes_up"] = std::to_string(connection.bytes_up);
        if (connection.bytes_down > 0) one["bytes_down"] = std::to_string(connection.bytes_down);
        if (!connection.closed_reason.empty()) one["closed_reason"] = connection.closed_reason;
        connections.push_back(std::move(one));
    }
    return connections;
}

} // namespace

Json session_fields(Call& call, const Resource& row, bool detail) {
    Json item;
    item["id"] = row.id;
    const auto session = call.store.sessions.find(row.id);
    if (!session) return item;
    item["target_id"] = session->target_id;
    item["scope"] = scope_object(call, row.scope_id);
    item["created_time"] = agent::format_rfc3339(row.created);
    item["updated_time"] = agent::format_rfc3339(row.updated);
    item["version"] = row.version;
    item["type"] = row.type;
    item["expiration_time"] = agent::format_rfc3339(session->expiration);
    if (!session->auth_token_id.empty()) item["auth_token_id"] = session->auth_token_id;
    item["user_id"] = session->user_id;
    if (!session->host_set_id.empty()) item["host_set_id"] = session->host_set_id;
    if (!session->host_id.empty()) item["host_id"] = session->host_id;
    item["scope_id"] = row.scope_id;
    item["endpoint"] = session->endpoint;
    item["states"] = states_of(call, row.id);
    item["status"] = session->status;
    item["certificate"] = agent::base64_encode(session->certificate_der);
    if (!session->termination_reason.empty())
        item["termination_reason"] = session->termination_reason;
    item["authorized_actions"] = authorized_actions(call, row);
    if (detail) {
        auto connections = connections_of(call, row.id);
        if (!connections.empty()) item["connections"] = std::move(connections);
    }
    return item;
}

Reply cancel_session(Call& call, const Resource& session) {
    if (auto refusal = refuse_action(call, session, "cancel")) return *refusal;
    FieldErrors errors;
    const auto version = body_number(call.body, "version", 0, UINT32_MAX, errors).value_or(0);
    if (version == 0)
        errors.emplace("version", "This field is required: the version the session has now.");
    if (!errors.empty()) return invalid_fields(errors);
    const auto done = call.store.sessions.cancel(session.id, static_cast<std::uint32_t>(version));
    if (done == Sessions::Canceled::wrong_version) // the reference has no better answer either
        return internal_error("Session " + session.id +
                              " has another version by now: read it again, then repeat.");
    const auto present = call.store.resources.find(session.id);
    return {200, render(call, *present, false)};
}

} // namespace devserver
