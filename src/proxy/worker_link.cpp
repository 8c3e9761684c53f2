#include "proxy/worker_link.hpp"

#include "async/with_timeout.hpp"
#include "boundary/protocol.hpp"
#include "net/dial.hpp"
#include "proxy/upgrade.hpp"

#include <boost/asio/this_coro.hpp>

#include <openssl/ssl.h>

namespace agent::proxy {
namespace {

using boundary::CloseMeaning;
using net::TlsStream;
using namespace std::chrono_literals;

Error too_slow(const std::string& what, std::chrono::milliseconds limit) {
    return fail(Errc::worker_unreachable, Hop::worker,
                what + fmt::format(": no answer within {:.3g} s", double(limit.count()) / 1e3));
}

// The alert that stands for every reason why a worker cannot find the session.
Error explain(Error error, const TlsStream& tls) {
    if (tls.alert() != SSL_AD_INTERNAL_ERROR) return error;
    error.code = Errc::worker_refused;
    error.message += " (the worker does not know this session, or cannot ask its controller)";
    error.hint = "The session may have expired or been deleted: authorize the target again.";
    return error;
}

awaitable<Result<ReachedWorker>> reach_one(WorkerAccess access, std::string address) {
    auto endpoint = net::parse_endpoint(address, boundary::default_worker_port);
    if (!endpoint) co_return fail(Errc::invalid_authorization, Hop::worker, "worker " + endpoint.error().message);
    const auto name = endpoint->text();
    const auto host = endpoint->host;
    net::DialErrors errors;
    auto socket = co_await net::dial(std::move(*endpoint), access.limits.dial, errors);
    if (!socket) co_return socket.error();

    auto tls =
        std::make_unique<TlsStream>(std::move(*socket), access.context, TlsStream::Role::client, name, Hop::worker);
    // A server name that starts "s_" would be taken for a session id.
    if (net::is_host_name(host) && !host.starts_with(boundary::session_id_prefix))
        SSL_set_tlsext_host_name(tls->ssl(), host.c_str());
    const auto secured = co_await async::with_timeout(tls->handshake(), access.limits.tls);
    if (!secured) co_return too_slow("TLS handshake with " + name, access.limits.tls);
    if (!*secured) co_return explain(secured->error(), *tls);

    // A refusal of our certificate arrives here, not above.
    const auto early = co_await async::with_timeout(upgrade(*tls), access.limits.upgrade);
    if (!early) co_return too_slow("upgrade at " + name, access.limits.upgrade);
    if (!*early) co_return explain(early->error(), *tls);

    ReachedWorker reached;
    reached.stream = std::make_unique<WebSocketStream>(std::move(tls), boundary::Role::client, **early);
    reached.address = name;
    co_return reached;
}

} // namespace

awaitable<Result<ReachedWorker>> reach_worker(WorkerAccess access) {
    Error problem = fail(Errc::invalid_authorization, Hop::local, "the authorization token names no worker");
    std::string tried;
    for (const auto& address : access.authorization.workers) {
        auto reached = co_await reach_one(access, address);
        if (reached) co_return reached;
        if (!tried.empty()) tried += "; ";
        tried += reached.error().message;
        // A refusal says more than an unreachable neighbour.
        if (problem.code != Errc::worker_refused) problem = reached.error();
    }
    if (access.authorization.workers.size() > 1) problem.message = "no worker would do: " + tried;
    if (problem.hint.empty() && problem.code == Errc::worker_unreachable)
        problem.hint = "Check that this machine can reach the worker's address.";
    co_return problem;
}

awaitable<Handshake> shake_hands(WorkerAccess access, ReachedWorker& worker, boundary::ClientHandshake handshake) {
    co_await async::sleep_for(access.limits.before_handshake);
    Handshake outcome;
    const auto sent = co_await worker.stream->write_message(boundary::encode_client_handshake(handshake));
    if (!sent) {
        outcome.meaning = CloseMeaning::retry;
        outcome.error = sent.error();
        co_return outcome;
    }
    const auto answer = co_await async::with_timeout(worker.stream->read_message(boundary::max_handshake_bytes),
                                                     access.limits.handshake);
    if (!answer) {
        outcome.error = too_slow("handshake with " + worker.address, access.limits.handshake);
        co_return outcome;
    }
    if (!*answer) { // reset, alert, or a broken frame
        outcome.error = explain(answer->error(), worker.stream->tls());
        if (outcome.error.code == Errc::worker_unreachable) outcome.meaning = CloseMeaning::retry;
        co_return outcome;
    }
    const auto& message = **answer;
    if (!message) {
        auto verdict = boundary::weigh_close(*worker.stream->peer_close(), boundary::HandshakePhase::before_result,
                                             worker.address, access.authorization.endpoint);
        outcome.meaning = verdict.meaning;
        outcome.error = std::move(verdict.error);
        // A normal end without a result is none.
        if (outcome.worked()) outcome.meaning = CloseMeaning::refused;
        co_return outcome;
    }
    const auto result = boundary::decode_handshake_result(*message);
    if (!result) {
        outcome.error = result.error();
        co_return outcome;
    }
    outcome.meaning = CloseMeaning::normal_end;
    outcome.result = *result;
    co_return outcome;
}

awaitable<Status> cancel_session(WorkerAccess access, Secret tofu_token) {
    auto worker = co_await reach_worker(access);
    if (!worker) co_return worker.error();
    boundary::ClientHandshake handshake;
    handshake.tofu_token = std::move(tofu_token);
    handshake.command = boundary::HandshakeCommand::session_cancel;
    const auto outcome = co_await shake_hands(access, *worker, std::move(handshake));
    const auto& close = worker->stream->peer_close();
    const bool canceled = close && close->code == boundary::CloseCode::normal;
    boundary::CloseFrame bye;
    bye.code = boundary::CloseCode::normal;
    co_await worker->stream->close(std::move(bye), 1s);
    if (canceled) co_return Status{};
    co_return outcome.error;
}

} // namespace agent::proxy
