#include "proxy/worker_link.hpp"

#include "async/with_timeout.hpp"
#include "boundary/protocol.hpp"
#include "net/dial.hpp"
#include "proxy/upgrade.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <netinet/tcp.h>
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

// The peer or the way to it broke off; an alert or a wrong answer is a refusal.
bool broke_off(const Error& error, const TlsStream& tls) {
    return error.code == Errc::worker_unreachable && !tls.alert();
}

awaitable<Result<ReachedWorker>> reach_one(WorkerAccess access, std::string address,
                                           NotReached& why) {
    auto endpoint = net::parse_endpoint(address, boundary::default_worker_port);
    if (!endpoint)
        co_return fail(Errc::invalid_authorization, Hop::worker,
                       "worker " + endpoint.error().message);
    const auto name = endpoint->text();
    const auto host = endpoint->host;
    net::DialErrors errors;
    auto socket = co_await net::dial(std::move(*endpoint), access.limits.dial, errors);
    if (!socket) {
        why.again = why.again || socket.error().code == Errc::limit_exceeded;
        co_return socket.error();
    }
    auto tls = std::make_unique<TlsStream>(std::move(*socket), access.context,
                                           TlsStream::Role::client, name, Hop::worker);
    // A server name that starts "s_" would be taken for a session id.
    if (net::is_host_name(host) && !host.starts_with(boundary::session_id_prefix))
        SSL_set_tlsext_host_name(tls->ssl(), host.c_str());
    const auto secured = co_await async::with_timeout(tls->handshake(), access.limits.tls);
    if (!secured) co_return too_slow("TLS handshake with " + name, access.limits.tls);
    if (!*secured) {
        why.again = why.again || broke_off(secured->error(), *tls);
        co_return explain(secured->error(), *tls);
    }

    // A refusal of our certificate arrives here, not above.
    const auto early = co_await async::with_timeout(upgrade(*tls), access.limits.upgrade);
    if (!early) co_return too_slow("upgrade at " + name, access.limits.upgrade);
    if (!*early) {
        why.again = why.again || broke_off(early->error(), *tls);
        co_return explain(early->error(), *tls);
    }

    ReachedWorker reached;
    reached.stream =
        std::make_unique<WebSocketStream>(std::move(tls), boundary::Role::client, **early);
    limit_unacknowledged(*reached.stream, access.limits.unacknowledged);
    reached.address = name;
    reached.upgraded = std::chrono::steady_clock::now();
    co_return reached;
}

using Answer = Result<std::optional<std::string>>;

awaitable<std::optional<Answer>> receive_answer(WorkerAccess access, ReachedWorker& worker) {
    return async::with_timeout(worker.stream->read_message(boundary::max_handshake_bytes),
                               access.limits.handshake);
}

// What was put, then what the client sends meanwhile; returns only when cancelled. A failure is the
// reader's to tell.
awaitable<void> send_first(WebSocketStream& stream, FirstBytes* first) {
    bool open = true;
    for (;;) {
        auto sent = co_await stream.flush();
        open = open && sent && first != nullptr;
        while (!open) co_await async::sleep_for(1h);
        const auto before = first->bytes().size();
        open = first->take();
        const auto taken = std::string_view(first->bytes()).substr(before);
        if (!taken.empty()) open = stream.put_message(taken).has_value() && open;
        if (taken.empty() && open) co_await first->wait();
    }
}

} // namespace

void limit_unacknowledged(WebSocketStream& stream, std::chrono::milliseconds limit) {
    const auto count = static_cast<unsigned>(limit.count());
    ::setsockopt(stream.tls().socket().native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &count,
                 sizeof count);
}

awaitable<Result<ReachedWorker>> reach_worker(WorkerAccess access, NotReached& why) {
    Error problem =
        fail(Errc::invalid_authorization, Hop::local, "the authorization token names no worker");
    std::string tried;
    for (const auto& address : access.authorization.workers) {
        auto reached = co_await reach_one(access, address, why);
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

awaitable<Handshake> shake_hands(WorkerAccess access, ReachedWorker& worker,
                                 boundary::ClientHandshake handshake, FirstBytes* first) {
    using namespace boost::asio::experimental::awaitable_operators;
    const auto age = std::chrono::steady_clock::now() - worker.upgraded;
    if (age < access.limits.before_handshake)
        co_await async::sleep_for(access.limits.before_handshake - age);
    Handshake outcome;
    auto put = worker.stream->put_message(boundary::encode_client_handshake(handshake));
    if (put && first != nullptr) {
        first->take();
        if (!first->bytes().empty()) put = worker.stream->put_message(first->bytes());
    }
    if (!put) {
        outcome.meaning = CloseMeaning::retry;
        outcome.error = put.error();
        co_return outcome;
    }
    // Sending goes on beside the waiting: a worker reads on only after its result, so the last of
    // it may be stuck.
    auto race = co_await (receive_answer(access, worker) || send_first(*worker.stream, first));
    auto& answer = std::get<0>(race);
    if (!answer) {
        outcome.error = too_slow("handshake with " + worker.address, access.limits.handshake);
        co_return outcome;
    }
    if (!*answer) { // reset, alert, a broken frame or a flood: only the last two are the worker's
                    // own doing
        outcome.error = explain(answer->error(), worker.stream->tls());
        if (!worker.stream->peer_close() && !worker.stream->tls().flooded())
            outcome.meaning = CloseMeaning::retry;
        co_return outcome;
    }
    const auto& message = **answer;
    if (!message) {
        auto verdict = boundary::weigh_close(*worker.stream->peer_close(),
                                             boundary::HandshakePhase::before_result,
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

awaitable<Status> cancel_session(WorkerAccess access, Secret tofu_token, bool& again) {
    NotReached why;
    auto worker = co_await reach_worker(access, why);
    again = why.again;
    if (!worker) co_return worker.error();
    boundary::ClientHandshake handshake;
    handshake.tofu_token = std::move(tofu_token);
    handshake.command = boundary::HandshakeCommand::session_cancel;
    const auto outcome = co_await shake_hands(access, *worker, std::move(handshake));
    const auto& close = worker->stream->peer_close();
    const bool canceled = close && close->code == boundary::CloseCode::normal;
    again = outcome.meaning == CloseMeaning::retry;
    boundary::CloseFrame bye;
    bye.code = boundary::CloseCode::normal;
    co_await worker->stream->close(std::move(bye), 1s);
    if (canceled) co_return Status{};
    co_return outcome.error;
}

} // namespace agent::proxy
