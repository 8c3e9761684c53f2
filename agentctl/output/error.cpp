#include "agentctl/output/error.hpp"

#include "agentctl/output/layout.hpp"
#include "agentctl/output/resource.hpp"
#include "base/json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace agentctl {
namespace {

using agent::find_member;
using agent::Json;
using agent::string_member;

std::string with_hint(const agent::Error& error) {
    std::string text = error.message;
    if (error.hint.empty()) return text;
    if (!text.empty() && text.back() != '.') text += '.';
    return text + ' ' + error.hint;
}

// "attributes.login_name" in the API is the flag "-login-name" here; a resource may call it
// otherwise: -vault-address.
std::string flag_name(std::string field, const Resource* resource) {
    if (resource != nullptr) {
        const auto flag = std::ranges::find(resource->flags, field, &FlagRow::field);
        if (flag != resource->flags.end()) return "-" + std::string(flag->name);
    }
    if (field.starts_with("attributes.")) field.erase(0, std::string_view("attributes.").size());
    std::ranges::replace(field, '_', '-');
    return "-" + field;
}

const Json* some(const Json* details, std::string_view member) {
    const Json* list = details == nullptr ? nullptr : find_member(*details, member);
    return list != nullptr && list->is_array() && !list->empty() ? list : nullptr;
}

void add_fields(std::string& out, const Json* details, const Resource* resource) {
    const Json* fields = some(details, "request_fields");
    if (fields == nullptr) return;
    out += "\n  Field-specific Errors:\n";
    for (const auto& field : *fields) {
        // The mask is made of the flags that were given: the message says what is wrong with it.
        const std::string name = string_member(field, "name");
        if (name == "update_mask") continue;
        out += line_at(4, "Name", printable(flag_name(name, resource)), 23) +
               line_at(6, "Error", printable(string_member(field, "description")), 23);
    }
}

std::string wrapped_entry(const Json& wrapped) {
    std::string text = line_at(4, "Message", printable(string_member(wrapped, "message")), 23);
    const std::string operation = string_member(wrapped, "op");
    if (!operation.empty()) text += line_at(4, "Operation", printable(operation), 23);
    return text;
}

std::string controller_text(const agent::Error& error, const Attempt& attempt, Format format) {
    const std::string context = "Error from controller when performing " + attempt.performing;
    Json body = Json::object();
    if (auto parsed = agent::parse_json(error.body); parsed && parsed->is_object())
        body = std::move(*parsed);
    // 429 and 503 come without a body: say what the agent knows instead.
    if (find_member(body, "message") == nullptr) body["message"] = error.message;
    if (format == Format::json) {
        Json object = {{"context", context}, {"status_code", error.status}};
        object["api_error"] = std::move(body);
        // Boundary's own command has no such member, and it has no agent to log in to.
        if (error.code == agent::Errc::login_needed) object["hint"] = error.hint;
        return agent::dump_json(object) + '\n';
    }
    std::vector<Row> rows{{"Message", printable(string_member(body, "message"))},
                          {"Status", std::to_string(error.status)},
                          {"context", context}};
    if (find_member(body, "kind") != nullptr)
        rows.push_back({"Kind", printable(string_member(body, "kind"))});
    const std::string operation = string_member(body, "op");
    if (!operation.empty()) rows.push_back({"Operation", printable(operation)});
    std::string out = context + "\n\nError information:\n" + rows_block(std::move(rows), 2, 17);
    const Json* details = find_member(body, "details");
    if (const Json* wrapped = some(details, "wrapped_errors")) {
        out += "\n  Wrapped Errors:\n";
        for (const auto& one : *wrapped) out += wrapped_entry(one);
    }
    add_fields(out, details, attempt.resource);
    out = wrap(out, output_width());
    if (!error.hint.empty()) // in one line: it holds a command to copy
        out += '\n' + agent::printable(error.hint) + '\n';
    return out;
}

std::string plain_text(const std::string& text, Format format) {
    if (format == Format::json) return agent::dump_json(Json{{"error", text}}) + '\n';
    return agent::printable_lines(text) + '\n';
}

} // namespace

std::string error_text(const Failure& failure, Format format) {
    const auto& [error, attempt, plain] = failure;
    if (!attempt) return plain_text(with_hint(error), plain ? Format::table : format);
    if (error.code == agent::Errc::controller_error || error.status != 0)
        return controller_text(error, *attempt, format);
    if (error.code == agent::Errc::invalid_authorization)
        return plain_text("Error decoding session authorization data: " + with_hint(error), format);
    return plain_text("Error trying to " + attempt->trying + ": " + with_hint(error), format);
}

} // namespace agentctl
