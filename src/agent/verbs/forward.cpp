// Forward: a request of somebody who may act as this user but must not hold the login:
// agent-console's browser page.

#include "agent/verbs/forward.hpp"

#include "agent/parts.hpp"

#include "agent/verbs/verbs.hpp"

#include <algorithm>
#include <array>

namespace agent::core {
namespace {

constexpr std::size_t max_path = 2048;
constexpr std::size_t max_query = 16 * 1024; // a filter and a list token

bool path_character(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
           c == '_' || c == '.' || c == '~' || c == ':' || c == '/';
}

bool query_character(char c) {
    return c > ' ' && c < 0x7f && c != '#' && c != '"' && c != '<' && c != '>' && c != '\\';
}

Error wrong(std::string message) {
    return fail(Errc::invalid_argument, Hop::local, std::move(message));
}

} // namespace

Status check_forward(const ForwardOptions& options) {
    static constexpr std::array methods{"GET", "POST", "PATCH", "DELETE"};
    if (std::ranges::find(methods, options.method) == methods.end())
        return wrong("method must be GET, POST, PATCH or DELETE");
    const auto& path = options.path;
    if (!path.starts_with("/v1/") || path.size() > max_path ||
        !std::ranges::all_of(path, path_character) || path.find("//") != path.npos)
        return wrong("path must be one of the API's: /v1/…, with no encoded characters");
    for (std::size_t at = 0; at != path.npos; at = path.find('/', at + 1)) {
        const auto segment = path.substr(at + 1, path.find('/', at + 1) - at - 1);
        if (segment == "." || segment == "..") return wrong("path must not climb");
    }
    if (options.query.size() > max_query || !std::ranges::all_of(options.query, query_character))
        return wrong("query must be percent-encoded and at most 16 KiB");
    if (path.find(":authenticate") != path.npos)
        return fail(Errc::permission_denied, Hop::agent,
                    "a login is not forwarded: its answer is a token",
                    "call Authenticate instead, or run agentctl authenticate");
    return {};
}

namespace verbs {

awaitable<Result<controller::Reply>> forward(Controllers& controllers, SessionCalls& sessions,
                                             ClusterChoice choice, ForwardOptions options) {
    const auto allowed = check_forward(options);
    if (!allowed) co_return allowed.error();
    auto token = co_await controllers.token_of(choice);
    if (!token) co_return token.error();
    controller::Request request;
    request.method = options.method;
    request.path = options.query.empty() ? options.path : options.path + "?" + options.query;
    request.body = Secret(std::move(options.body));
    request.token = std::move(*token);
    request.repeatable =
        options.method != "POST"; // what is changed names the version it was based on
    request.limits = controller::only_text;
    const auto client = controllers.client_of(choice.settings);
    auto reply = co_await client->send(std::move(request));
    if (reply && reply->ok() && options.method == "POST" &&
        options.path.starts_with("/v1/sessions/")) {
        const auto session = controller::parse_item(reply->body);
        if (session) sessions.seen(*session);
    }
    if (reply && reply->status == 401) controllers.login_refused(choice);
    co_return reply;
}

awaitable<Result<controller::Reply>> forward(const Parts& parts, ClusterChoice choice,
                                             ForwardOptions options) {
    constexpr std::string_view tokens = "/v1/auth-tokens/";
    std::string deleted;
    if (options.method == "DELETE" && options.path.starts_with(tokens))
        deleted = options.path.substr(tokens.size());
    const std::string address = choice.settings.address;
    auto reply = co_await forward(parts.controllers, parts.session_calls, std::move(choice),
                                  std::move(options));
    if (reply && reply->ok() && !deleted.empty())
        co_await parts.held.auth_token_deleted(address, deleted);
    co_return reply;
}

} // namespace verbs

} // namespace agent::core
