#include "ipc/dbus/bus_error.hpp"

#include "base/json.hpp"

#include <nlohmann/json.hpp>

namespace ipc::dbus {

using agent::Errc;
using agent::Hop;

std::string error_name(const agent::Error& error) {
    return "org.agentd.Error." + std::string(agent::errc_name(error.code));
}

std::string error_text(const agent::Error& error) {
    std::string text = error.message;
    const auto body = agent::parse_json(error.body);
    const auto* details = body ? agent::find_member(*body, "details") : nullptr;
    const auto* fields =
        details != nullptr ? agent::find_member(*details, "request_fields") : nullptr;
    if (fields != nullptr && fields->is_array())
        for (const auto& field : *fields)
            text += "; " + agent::string_member(field, "name") + ": " +
                    agent::string_member(field, "description");
    return error.hint.empty() ? text : text + "; " + error.hint;
}

int set_error(sd_bus_error* out, const agent::Error& error) {
    return ::sd_bus_error_set(out, error_name(error).c_str(), error_text(error).c_str());
}

agent::Error from_sd_bus(std::string what, int result) {
    return agent::fail_errno(Errc::environment, Hop::local, std::move(what), -result);
}

agent::Error from_reply(std::string what, sd_bus_message* reply) {
    const sd_bus_error* error = ::sd_bus_message_get_error(reply);
    const std::string why =
        error != nullptr && error->message != nullptr ? error->message : "no answer";
    return agent::fail(Errc::environment, Hop::local, std::move(what) + ": " + why);
}

} // namespace ipc::dbus
