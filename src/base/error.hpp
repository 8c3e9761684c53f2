#pragma once
// The product's own error: a code for machines, a hop and a message for people, and the next step.
// Used by every layer; error.cpp holds the one table that maps codes to wire names and exit codes.

#include <array>
#include <cstdint>
#include <iosfwd>
#include <span>
#include <string>
#include <string_view>

namespace agent {

/// What went wrong, for programs. Each has one row in error.cpp (wire name, exit code).
enum class Errc : std::uint8_t {
    invalid_argument,      ///< the caller's words are wrong; nothing was tried
    invalid_authorization, ///< an authorization token that does not decode, is expired, or names no
                           ///< worker
    controller_error, ///< the controller answered with an error: `status` and `body` hold its words
    controller_unreachable, ///< no connection to the controller, or it went away before answering
    controller_protocol,    ///< something answered that is not a Boundary controller, or not
                            ///< completely
    worker_unreachable,     ///< no worker in the token's list could be reached
    worker_refused,       ///< a worker was reached and said no: certificate, handshake, TOFU token
    endpoint_unreachable, ///< the worker could not dial the target
    session_over,  ///< the session is canceled, expired, terminated, or its connections are used up
    listen_failed, ///< the local port or socket cannot be bound
    proxy_not_found,       ///< no proxy of that name
    proxy_exists,          ///< the name is taken by a running proxy
    login_needed,          ///< there is no login for this cluster, or the stored one is dead
    authentication_failed, ///< the login name or the password is wrong
    keyring_failed,        ///< the keyring refused to store or return the login
    timed_out,             ///< a limit of our own ran out
    canceled,              ///< the caller, or a shutdown, ended the operation
    permission_denied,     ///< the peer is not who it must be
    limit_exceeded,        ///< one of our own bounds: message size, nesting, clients, files
    agent_unreachable,     ///< agentctl cannot reach or start agentd
    proxy_failed,          ///< the agent-proxy process could not be started, or it died
    environment,           ///< directories, files, memory: this machine, not the network
    internal,              ///< a bug
};

/// Where it went wrong: the words people see.
enum class Hop : std::uint8_t { local, agent, login, controller, worker, target, limit, expiry };

struct Error {
    Errc code = Errc::internal;
    Hop hop = Hop::local;
    std::string
        message; ///< names the thing: "dial 10.0.0.7:9202: connection refused". Never a secret.
    std::string hint; ///< the next step, a sentence; may be empty
    int status = 0;   ///< HTTP status, where a controller answered; else 0
    std::string body; ///< the controller's error object as it sent it; may be empty even then
    int retry_after =
        0; ///< seconds that the controller asked to be left alone (429, 503); 0: it did not say
};

/// Build errors through these: GCC 12 destroys braced temporaries twice inside a co_await
/// expression.
Error fail(Errc code, Hop hop, std::string message, std::string hint = {});
/// fail() with the text of errno `number` appended: "bind 127.0.0.1:80: permission denied".
/// Without a hint of the caller's it is errno_hint's.
Error fail_errno(Errc code, Hop hop, std::string what, int number, std::string hint = {});
/// The same for a program that could not be started: EAGAIN means there that the user may have no
/// more processes.
Error fail_start(Errc code, Hop hop, std::string what, int number);
/// The next step where this machine lacks something; empty for any other number.
std::string errno_hint(int number);

/// A system's words for the middle of a line: "Connection refused" starts small there, "SSL …" does
/// not.
std::string lowered(std::string text);

/// For test output: "worker_unreachable: dial …".
std::ostream& operator<<(std::ostream& out, const Error& error);

struct ErrcRow {
    Errc code;
    std::string_view name; ///< PascalCase, the last part of the Varlink and D-Bus error names
    int exit_code; ///< what agentctl ends with: 1 controller's error, 2 could not be done, 3 bad
                   ///< usage
};
std::span<const ErrcRow> errc_table();
std::string_view errc_name(Errc code);
int exit_code(Errc code);
/// 1 where a controller's answer is the reason, as Boundary's own command has it.
int exit_code(const Error& error);
/// The code of a wire name; Errc::internal when unknown.
Errc errc_from_name(std::string_view name);

std::string_view hop_name(Hop hop);
Hop hop_from_name(std::string_view name);

} // namespace agent
