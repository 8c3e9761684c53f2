#include "ipc/socket/wire_error.hpp"

#include <nlohmann/json.hpp>

namespace ipc {
namespace {

using agent::Errc;
using agent::Hop;

constexpr std::string_view service = "org.varlink.service.";

Reply service_error(std::string_view name, std::string_view member, std::string_view value) {
    Reply reply;
    reply.error = std::string(service) + std::string(name);
    if (!member.empty()) reply.parameters[std::string(member)] = std::string(value);
    return reply;
}

agent::Error from_service(std::string_view name, const Json& parameters) {
    const auto text = [&](std::string_view member) {
        return agent::string_member(parameters, member);
    };
    if (name == "MethodNotFound" || name == "MethodNotImplemented" || name == "InterfaceNotFound")
        return agent::fail(Errc::invalid_argument, Hop::agent,
                           "the agent does not know " +
                               text(name == "InterfaceNotFound" ? "interface" : "method"),
                           "agentctl and agentd may be of different versions: restart agentd");
    if (name == "InvalidParameter") {
        const std::string message = text("message");
        return agent::fail(Errc::invalid_argument, Hop::local,
                           message.empty() ? "invalid parameter " + text("parameter") : message);
    }
    if (name == "PermissionDenied")
        return agent::fail(Errc::permission_denied, Hop::agent,
                           "the agent belongs to another user");
    return agent::fail(Errc::internal, Hop::agent, "the agent answered " + std::string(name));
}

} // namespace

Reply error_reply(const agent::Error& error, std::string_view interface) {
    Reply reply;
    reply.error = std::string(interface) + "." + std::string(errc_name(error.code));
    reply.parameters["hop"] = std::string(hop_name(error.hop));
    reply.parameters["message"] = error.message;
    reply.parameters["hint"] = error.hint;
    if (error.code != Errc::controller_error && error.status == 0) return reply;
    reply.parameters["status_code"] = error.status;
    auto body = agent::parse_json(error.body);
    reply.parameters["body"] = body && body->is_object() ? std::move(*body) : Json(nullptr);
    return reply;
}

agent::Error error_from_reply(const Reply& reply) {
    if (reply.error.starts_with(service))
        return from_service(std::string_view(reply.error).substr(service.size()), reply.parameters);
    const std::size_t dot = reply.error.rfind('.');
    const std::string name = reply.error.substr(dot == std::string::npos ? 0 : dot + 1);
    agent::Error error =
        agent::fail(agent::errc_from_name(name),
                    agent::hop_from_name(agent::string_member(reply.parameters, "hop")),
                    agent::string_member(reply.parameters, "message", reply.error),
                    agent::string_member(reply.parameters, "hint"));
    const Json* status = agent::find_member(reply.parameters, "status_code");
    if (status != nullptr && status->is_number_integer()) error.status = status->get<int>();
    const Json* body = agent::find_member(reply.parameters, "body");
    if (body != nullptr && body->is_object()) error.body = agent::dump_json(*body);
    return error;
}

Reply method_not_found(std::string_view method) {
    return service_error("MethodNotFound", "method", method);
}
Reply interface_not_found(std::string_view interface) {
    return service_error("InterfaceNotFound", "interface", interface);
}
Reply invalid_parameter(std::string_view parameter, std::string_view message) {
    Reply reply = service_error("InvalidParameter", "parameter", parameter);
    reply.parameters["message"] = std::string(message);
    return reply;
}
Reply expected_more() {
    return service_error("ExpectedMore", "", "");
}

} // namespace ipc
