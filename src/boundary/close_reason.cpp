#include "boundary/close_reason.hpp"

#include "base/printable.hpp"

#include <fmt/format.h>

namespace agent::boundary {
namespace {

constexpr std::uint16_t any_code = 0;
constexpr std::string_view any_reason = "*";

struct Rule {
    std::uint16_t code;
    std::string_view reason;
    CloseMeaning meaning;
    Errc errc;
    Hop hop;
    std::string_view text; ///< for people; the worker's own words are added behind it
    std::string_view hint;
};

constexpr std::string_view ask_again = "Authorize the target again.";

// First match wins. Before the result no connection has been spent (boundary-protocol: authorize
// comes last).
constexpr Rule before_result[] = {
    // The worker lost the first bytes behind its own 101, or two first connections raced: nothing
    // happened.
    {1008, "invalid handshake received", CloseMeaning::retry, Errc::worker_refused, Hop::worker,
     "did not receive the handshake", ""},
    {1011, "unable to activate session", CloseMeaning::retry, Errc::worker_refused, Hop::worker,
     "could not activate the session", ""},
    {1011, "worker id is empty", CloseMeaning::retry, Errc::worker_refused, Hop::worker,
     "is not registered with its controller yet", ""},
    {1002, any_reason, CloseMeaning::retry, Errc::worker_refused, Hop::worker,
     "could not read the handshake", ""},
    {1001, any_reason, CloseMeaning::retry, Errc::worker_refused, Hop::worker, "is going away", ""},
    {1006, any_reason, CloseMeaning::retry, Errc::worker_refused, Hop::worker,
     "ended the connection during the handshake", ""},
    {1008, "tofu token not allowed", CloseMeaning::tofu_refused, Errc::worker_refused, Hop::worker,
     "refused: the session is already in use by another process",
     "Authorize the target again for a session of your own."},
    {1011, "unable to authorize connection", CloseMeaning::session_over, Errc::session_over,
     Hop::limit,
     "refused another connection: the session's connections are used up, or it was canceled or has "
     "expired",
     ask_again},
    {1011, "refusing to activate session", CloseMeaning::session_over, Errc::session_over,
     Hop::worker, "refused: the session was canceled before its first use", ask_again},
    {1000, "session canceled", CloseMeaning::session_over, Errc::session_over, Hop::worker,
     "canceled the session", ""},
    {1011, "unable to cancel session", CloseMeaning::refused, Errc::worker_refused, Hop::worker,
     "could not cancel the session", "Cancel it at the controller."},
    {1003, "invalid tofu token", CloseMeaning::refused, Errc::internal, Hop::worker,
     "found the TOFU token malformed", ""},
    {1007, any_reason, CloseMeaning::refused, Errc::worker_refused, Hop::worker,
     "did not understand the handshake", ""},
    {any_code, any_reason, CloseMeaning::refused, Errc::worker_refused, Hop::worker,
     "refused the connection", ""},
};

constexpr Rule after_result[] = {
    {3000, "unable to setup proxying", CloseMeaning::endpoint_unreachable,
     Errc::endpoint_unreachable, Hop::target, "could not connect to the target",
     "Check that the target is running and reachable from the worker."},
    {3000, any_reason, CloseMeaning::refused, Errc::endpoint_unreachable, Hop::worker,
     "could not set up the connection to the target", ""},
    {1011, "unable to establish proxy", CloseMeaning::refused, Errc::session_over, Hop::worker,
     "could not report the connection: the session was probably canceled meanwhile", ask_again},
    {1000, any_reason, CloseMeaning::normal_end, Errc::canceled, Hop::target,
     "ended the connection", ""},
    {1001, any_reason, CloseMeaning::normal_end, Errc::canceled, Hop::worker,
     "ended the connection", ""},
    {1005, any_reason, CloseMeaning::normal_end, Errc::canceled, Hop::target,
     "ended the connection", ""},
    {1006, any_reason, CloseMeaning::normal_end, Errc::canceled, Hop::worker,
     "ended the connection without a close", ""},
    {any_code, any_reason, CloseMeaning::refused, Errc::worker_refused, Hop::worker,
     "broke off the connection", ""},
};

template <std::size_t n> const Rule& find(const Rule (&rules)[n], const CloseFrame& close) {
    for (const auto& rule : rules)
        if ((rule.code == any_code || rule.code == close.code) &&
            (rule.reason == any_reason || rule.reason == close.reason))
            return rule;
    return rules[n - 1]; // the last one matches everything
}

} // namespace

CloseVerdict weigh_close(const CloseFrame& close, HandshakePhase phase, std::string_view worker,
                         std::string_view endpoint) {
    const auto& rule = phase == HandshakePhase::before_result ? find(before_result, close)
                                                              : find(after_result, close);
    auto message = fmt::format("worker {} {}", worker, rule.text);
    if (rule.hop == Hop::target && !endpoint.empty()) message += fmt::format(" {}", endpoint);
    if (close.code != CloseCode::lost && close.code != CloseCode::no_status) {
        message += fmt::format(" (close {}", close.code);
        if (!close.reason.empty()) message += fmt::format(": {}", printable(close.reason));
        message += ')';
    }
    CloseVerdict verdict;
    verdict.meaning = rule.meaning;
    verdict.error = fail(rule.errc, rule.hop, std::move(message), std::string(rule.hint));
    return verdict;
}

} // namespace agent::boundary
