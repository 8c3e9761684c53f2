#include "boundary/close_reason.hpp"

#include "support/catch.hpp"

using namespace agent;
using namespace agent::boundary;

namespace {

CloseVerdict weigh(std::uint16_t code, std::string reason, HandshakePhase phase) {
    CloseFrame close;
    close.code = code;
    close.reason = std::move(reason);
    return weigh_close(close, phase, "worker.example.org:9202", "tcp://10.0.0.7:22");
}

} // namespace

TEST_CASE("close reason: before the result, what happened to nobody is retried") {
    const auto phase = HandshakePhase::before_result;
    CHECK(weigh(1002, "received header with unexpected rsv bits set: false:false:true", phase)
              .meaning == CloseMeaning::retry);
    CHECK(weigh(1008, "invalid handshake received", phase).meaning == CloseMeaning::retry);
    CHECK(weigh(1011, "unable to activate session", phase).meaning == CloseMeaning::retry);
    CHECK(weigh(1011, "worker id is empty", phase).meaning == CloseMeaning::retry);
    CHECK(weigh(1001, "going away", phase).meaning == CloseMeaning::retry);
    CHECK(weigh(1001, "", phase).meaning == CloseMeaning::retry);
    CHECK(weigh(CloseCode::lost, "", phase).meaning == CloseMeaning::retry);
}

TEST_CASE("close reason: before the result, refusals are told apart") {
    const auto phase = HandshakePhase::before_result;
    const auto stranger = weigh(1008, "tofu token not allowed", phase);
    CHECK(stranger.meaning == CloseMeaning::tofu_refused);
    CHECK(
        stranger.error.message ==
        "worker worker.example.org:9202 refused: the session is already in use by another process "
        "(close 1008: tofu token not allowed)");
    CHECK_FALSE(stranger.error.hint.empty());
    const auto used_up = weigh(1011, "unable to authorize connection", phase);
    CHECK(used_up.meaning == CloseMeaning::session_over);
    CHECK(used_up.error.code == Errc::session_over);
    CHECK(used_up.error.hop == Hop::limit);
    CHECK(weigh(1011, "refusing to activate session", phase).meaning == CloseMeaning::session_over);
    CHECK(weigh(1000, "session canceled", phase).meaning == CloseMeaning::session_over);
    CHECK(weigh(1003, "invalid tofu token", phase).meaning == CloseMeaning::refused);
    CHECK(weigh(1009, "read limited at 32769 bytes", phase).meaning == CloseMeaning::refused);
    CHECK(weigh(4321, "something new", phase).meaning == CloseMeaning::refused);
}

TEST_CASE("close reason: after the result, an unreachable target is named with its address") {
    const auto verdict = weigh(3000, "unable to setup proxying", HandshakePhase::after_result);
    CHECK(verdict.meaning == CloseMeaning::endpoint_unreachable);
    CHECK(verdict.error.code == Errc::endpoint_unreachable);
    CHECK(verdict.error.hop == Hop::target);
    CHECK(verdict.error.message ==
          "worker worker.example.org:9202 could not connect to the target tcp://10.0.0.7:22 "
          "(close 3000: unable to setup proxying)");
}

TEST_CASE("close reason: after the result, ends with and without a close frame are normal, "
          "complaints are not") {
    const auto phase = HandshakePhase::after_result;
    CHECK(weigh(1000, "", phase).meaning == CloseMeaning::normal_end);
    CHECK(weigh(1000, "done", phase).meaning == CloseMeaning::normal_end);
    CHECK(weigh(CloseCode::no_status, "", phase).meaning == CloseMeaning::normal_end);
    CHECK(weigh(CloseCode::lost, "", phase).meaning == CloseMeaning::normal_end);
    CHECK(weigh(1002, "received header with unexpected rsv bits set", phase).meaning ==
          CloseMeaning::refused);
    CHECK(weigh(1011, "unable to establish proxy", phase).error.code == Errc::session_over);
}

TEST_CASE("close reason: the peer's words cannot drive a terminal") {
    const auto verdict = weigh(1011, "\x1b[2Jgone\n", HandshakePhase::before_result);
    CHECK(verdict.error.message.find('\x1b') == std::string::npos);
    CHECK(verdict.error.message.find('\n') == std::string::npos);
}
