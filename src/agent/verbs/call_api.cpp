// CallApi: a request about the controller's resources that List, Read and Delete do not make.

#include "agent/verbs/call_api.hpp"

#include "agent/parts.hpp"
#include "agent/verbs/verbs.hpp"

#include <algorithm>
#include <array>

namespace agent::core {
namespace {

constexpr std::size_t max_word = 64;
constexpr std::size_t max_id = 512;
constexpr std::size_t max_query_bytes = 16 * 1024;
constexpr std::size_t max_body = 1U << 20U;

struct Operation {
    std::string_view name, method;
    bool of_an_item;
};
constexpr std::array operations{Operation{"get", "GET", false}, Operation{"create", "POST", false},
                                Operation{"update", "PATCH", true},
                                Operation{"delete", "DELETE", true},
                                Operation{"action", "POST", false}};

Error not_sent(std::string message) {
    return fail(Errc::invalid_argument, Hop::local, std::move(message));
}

bool is_word(std::string_view text) {
    return !text.empty() && text.size() <= max_word && text.front() != '-' &&
           std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; });
}

/// "add-hosts"; the API has some of two words: "create:worker-led".
bool is_action(std::string_view text) {
    const auto colon = text.find(':');
    if (colon == text.npos) return is_word(text);
    return is_word(text.substr(0, colon)) && is_word(text.substr(colon + 1));
}

bool is_id(std::string_view text) {
    return !text.empty() && text.size() <= max_id && text != "." && text != ".." &&
           std::ranges::none_of(text, [](char c) {
               return static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '/' || c == ':' ||
                      c == '\\';
           });
}

bool is_object(std::string_view text) {
    constexpr std::string_view space = " \t\r\n";
    const auto first = text.find_first_not_of(space);
    return first != text.npos && text[first] == '{' && text[text.find_last_not_of(space)] == '}';
}

Result<std::string> path_of(const ApiOptions& options, const Operation& operation) {
    if (!is_word(options.collection))
        return not_sent("collection must be one of the API's words, such as targets");
    if (!options.action.empty() && !is_action(options.action))
        return not_sent("action must be one of the API's words, such as add-host-sources");
    if (options.action.starts_with("authenticate"))
        return fail(Errc::permission_denied, Hop::agent, "a login's answer is a token",
                    "call Authenticate instead, or run agentctl authenticate");
    if (operation.of_an_item
            ? options.id.empty()
            : options.id.empty() && operation.name == "action" && options.action.empty())
        return not_sent("id is missing");
    if (!options.id.empty())
        if (auto usable = check_id(options.id); !usable) return usable.error();
    std::string path = "/v1/" + options.collection;
    if (!options.id.empty()) path += "/" + controller::percent_encode(options.id);
    if (!options.action.empty()) path += ":" + options.action;
    char separator = '?';
    const std::size_t before = path.size();
    for (const auto& [name, value] : options.query) {
        path +=
            separator + controller::percent_encode(name) + "=" + controller::percent_encode(value);
        separator = '&';
    }
    if (path.size() - before > max_query_bytes) return not_sent("query is longer than 16 KiB");
    return path;
}

} // namespace

Status check_id(std::string_view id) {
    if (is_id(id)) return {};
    return not_sent("id must be one that the controller gives, such as ttcp_1234567890");
}

Result<controller::Request> api_request(ApiOptions options) {
    const auto* operation = std::ranges::find(operations, options.operation, &Operation::name);
    if (operation == operations.end())
        return not_sent("operation must be get, create, update, delete or action");
    auto path = path_of(options, *operation);
    if (!path) return path.error();
    const bool with_body = operation->method == "POST" || operation->method == "PATCH";
    if (!options.body.empty() && !with_body) return not_sent("this operation has no body");
    if (options.body.reveal().size() > max_body) return not_sent("body is longer than 1 MiB");
    if (!options.body.empty() && !is_object(options.body.reveal()))
        return not_sent("body must be a JSON object");
    controller::Request request;
    request.method = std::string(operation->method);
    request.path = std::move(*path);
    request.body = std::move(options.body);
    request.repeatable = operation->method == "GET";
    request.limits = controller::only_text;
    return request;
}

namespace verbs {

awaitable<Result<controller::Reply>> call_api(Controllers& controllers, SessionCalls& sessions,
                                              ClusterChoice choice, ApiOptions options) {
    const bool of_sessions = options.collection == "sessions";
    auto request = api_request(std::move(options));
    if (!request) co_return request.error();
    auto reply = co_await controllers.ask(std::move(choice), std::move(*request));
    if (reply && of_sessions) {
        const auto session = controller::parse_item(reply->body);
        if (session) sessions.seen(*session);
    }
    co_return reply;
}

awaitable<Result<controller::Reply>> call_api(const Parts& parts, ClusterChoice choice,
                                              ApiOptions options) {
    const bool deletes_token = options.operation == "delete" && options.collection == "auth-tokens";
    const std::string address = choice.settings.address;
    const auto id = co_await parts.controllers.resolve_self(choice, options.collection, options.id);
    if (!id) co_return id.error();
    options.id = *id;
    auto reply = co_await call_api(parts.controllers, parts.session_calls, std::move(choice),
                                   std::move(options));
    if (reply && deletes_token) co_await parts.held.auth_token_deleted(address, *id);
    co_return reply;
}

} // namespace verbs

} // namespace agent::core
