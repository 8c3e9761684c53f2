// The one table of error codes. A missing row is found by tests/unit/base/error_test.cpp.

#include "base/error.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ostream>
#include <utility>

namespace agent {
namespace {

constexpr ErrcRow rows[] = {
    {Errc::invalid_argument, "InvalidArgument", 3},
    {Errc::invalid_authorization, "InvalidAuthorization", 3},
    {Errc::controller_error, "ControllerError", 1},
    {Errc::controller_unreachable, "ControllerUnreachable", 2},
    {Errc::controller_protocol, "ControllerProtocol", 2},
    {Errc::worker_unreachable, "WorkerUnreachable", 2},
    {Errc::worker_refused, "WorkerRefused", 2},
    {Errc::endpoint_unreachable, "EndpointUnreachable", 2},
    {Errc::session_over, "SessionOver", 2},
    {Errc::listen_failed, "ListenFailed", 2},
    {Errc::proxy_not_found, "ProxyNotFound", 2},
    {Errc::proxy_exists, "ProxyExists", 2},
    {Errc::login_needed, "LoginNeeded", 2},
    {Errc::authentication_failed, "AuthenticationFailed", 1},
    {Errc::keyring_failed, "KeyringFailed", 2},
    {Errc::timed_out, "TimedOut", 2},
    {Errc::canceled, "Canceled", 2},
    {Errc::permission_denied, "PermissionDenied", 2},
    {Errc::limit_exceeded, "LimitExceeded", 2},
    {Errc::agent_unreachable, "AgentUnreachable", 2},
    {Errc::proxy_failed, "ProxyFailed", 2},
    {Errc::environment, "Environment", 2},
    {Errc::internal, "Internal", 2},
};

constexpr std::pair<Hop, std::string_view> hops[] = {
    {Hop::local, "local"},           {Hop::agent, "agent"},   {Hop::login, "login"},
    {Hop::controller, "controller"}, {Hop::worker, "worker"}, {Hop::target, "target"},
    {Hop::limit, "limit"},           {Hop::expiry, "expiry"},
};

const ErrcRow& row(Errc code) {
    return *std::ranges::find(rows, code, &ErrcRow::code);
}

} // namespace

Error fail(Errc code, Hop hop, std::string message, std::string hint) {
    Error error;
    error.code = code;
    error.hop = hop;
    error.message = std::move(message);
    error.hint = std::move(hint);
    return error;
}

Error fail_errno(Errc code, Hop hop, std::string what, int number, std::string hint) {
    if (hint.empty()) hint = errno_hint(number);
    return fail(code, hop, std::move(what) + ": " + lowered(std::strerror(number)),
                std::move(hint));
}

std::string lowered(std::string text) {
    const bool acronym = text.size() > 1 && text[1] >= 'A' && text[1] <= 'Z';
    if (!text.empty() && !acronym && text[0] >= 'A' && text[0] <= 'Z')
        text[0] = static_cast<char>(text[0] - 'A' + 'a');
    return text;
}

Error fail_start(Errc code, Hop hop, std::string what, int number) {
    if (number != EAGAIN) return fail_errno(code, hop, std::move(what), number);
    return fail(code, hop, std::move(what) + ": no more processes",
                "this user or its service has as many as it may (ulimit -u, TasksMax=): end some, "
                "then try again");
}

std::string errno_hint(int number) {
    switch (number) {
    case EMFILE:
        return "it has as many open files as it may (ulimit -n, LimitNOFILE=): end proxies that "
               "you do not need, "
               "agentctl list shows them";
    case ENFILE:
        return "this machine has as many open files as it may: sysctl fs.file-max";
    case ENOMEM:
        return "this machine, or its limit for this program (ulimit -v, MemoryMax=), has no more: "
               "end what you do not "
               "need, then try again";
    default:
        return {};
    }
}

std::ostream& operator<<(std::ostream& out, const Error& error) {
    return out << errc_name(error.code) << ": " << error.message;
}

std::span<const ErrcRow> errc_table() {
    return rows;
}

std::string_view errc_name(Errc code) {
    return row(code).name;
}

int exit_code(Errc code) {
    return row(code).exit_code;
}

int exit_code(const Error& error) {
    return error.status != 0 ? row(Errc::controller_error).exit_code : exit_code(error.code);
}

Errc errc_from_name(std::string_view name) {
    const auto* found = std::ranges::find(rows, name, &ErrcRow::name);
    return found == std::end(rows) ? Errc::internal : found->code;
}

std::string_view hop_name(Hop hop) {
    return std::ranges::find(hops, hop, &std::pair<Hop, std::string_view>::first)->second;
}

Hop hop_from_name(std::string_view name) {
    const auto* found = std::ranges::find(hops, name, &std::pair<Hop, std::string_view>::second);
    return found == std::end(hops) ? Hop::local : found->first;
}

} // namespace agent
