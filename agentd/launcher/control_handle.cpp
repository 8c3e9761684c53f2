#include "agentd/launcher/control_handle.hpp"

#include "agentd/launcher/own_ports.hpp"
#include "agentd/settings_message.hpp"
#include "base/log.hpp"
#include "base/unix_socket.hpp"
#include "boundary/session_authorization.hpp"
#include "ipc/messages/proxy_commands.hpp"

#include <unistd.h>

#include <cerrno>

namespace agentd {

using agent::awaitable;
using agent::Result;
using namespace agent::core;
using namespace std::chrono_literals;

namespace {
constexpr auto answer_limit = 10s;
constexpr auto stop_limit = 15s; // it may first reach a worker to cancel the session

/// What it will listen on where nobody said more: the target's default client port.
std::int64_t wished_port(const ipc::Serve::Request& request) {
    if (request.listen_port != 0 || request.authorization_token.empty()) return request.listen_port;
    const auto session =
        agent::boundary::decode_authorization_token(request.authorization_token.reveal());
    return session ? session->default_client_port : 0;
}
} // namespace

ControlHandle::ControlHandle(boost::asio::any_io_executor executor, std::string socket_path,
                             Result<HeldProcess> process)
    : executor_(executor), socket_path_(std::move(socket_path)), holder_(executor) {
    if (process)
        process_.emplace(std::move(*process));
    else
        agent::log::debug("{}: {}", socket_path_, process.error().message);
}

ControlHandle::~ControlHandle() {
    OwnPorts::known().forget(this);
}

ProxyStatus ControlHandle::noted(ProxyStatus status) {
    OwnPorts::known().note(this, status);
    return status;
}

template <class Verb>
awaitable<Result<typename Verb::Response>>
ControlHandle::call(typename Verb::Request request, std::chrono::steady_clock::duration limit) {
    auto client = ipc::Client::connect(
        executor_, socket_path_); // one connection a call: a stream occupies its own
    if (!client) co_return client.error();
    co_return co_await (*client)->template call<Verb>(std::move(request), limit);
}

awaitable<Result<ProxyStatus>> ControlHandle::serve(ProxySpec spec) {
    ipc::Serve::Request request;
    request.name = std::move(spec.name);
    request.authorization_token = std::move(spec.authorization_token);
    say_settings(request, spec.proxy_settings());
    request.cluster = std::move(spec.cluster);
    request.cluster_settings = std::move(spec.cluster_settings);
    request.token_name = std::move(spec.token_name);
    request.authorized_here = spec.authorized_here;
    if (!spec.tofu_token.empty()) request.tofu_token = std::move(spec.tofu_token);
    request.target = std::move(spec.target);
    request.persistent = spec.persistent;
    request.wait_for_port = spec.wait_for_port;
    if (spec.listeners) request.descriptors = spec.listeners->share();
    const std::string address = request.listen_address;
    const auto port = wished_port(request);
    auto served = co_await call<ipc::Serve>(std::move(request), answer_limit);
    if (!served) co_return holder_.name(served.error(), address, port);
    auto status = noted(reader_.status_in(served->proxy));
    if (status.state == ProxyState::blocked) holder_.port_is_taken(status);
    co_return status;
}

awaitable<Result<ProxyChange>> ControlHandle::next_change() {
    if (!stream_) {
        auto client = ipc::Client::connect(executor_, socket_path_);
        if (!client) co_return client.error();
        stream_ = std::move(*client);
        ipc::Subscribe::Request request;
        const auto started = co_await stream_->start<ipc::Subscribe>(std::move(request));
        if (!started) stream_.reset();
        if (!started) co_return started.error();
    }
    auto next = co_await stream_->next<ipc::Subscribe>();
    if (!next) stream_.reset();
    if (!next) co_return next.error();
    ProxyChange change = reader_.change_in(std::move(next->response));
    OwnPorts::known().note(this, change.proxy);
    if (change.kind == EventKind::port_blocked) holder_.port_is_taken(change.proxy);
    holder_.name(change.proxy.reason);
    holder_.name(change.message);
    change.last = next->last;
    co_return change;
}

// Whoever holds its port stays named, whatever it answers to.
ProxyStatus ControlHandle::read(const ipc::Proxy& message) {
    auto status = noted(reader_.status_in(message));
    holder_.name(status.reason);
    return status;
}

awaitable<Result<ProxyStatus>> ControlHandle::renew(agent::Secret authorization_token,
                                                    agent::Secret tofu_token) {
    ipc::Renew::Request request;
    request.authorization_token = std::move(authorization_token);
    request.tofu_token = std::move(tofu_token);
    auto renewed = co_await call<ipc::Renew>(std::move(request), answer_limit);
    if (!renewed) co_return renewed.error();
    co_return read(renewed->proxy);
}

awaitable<Result<ProxyStatus>> ControlHandle::hold(Wait wait, Reason reason, bool session_over) {
    ipc::Hold::Request request;
    request.wait = name_of(wait);
    request.reason_code = name_of(reason.code);
    request.reason = std::move(reason.text);
    request.session_over = session_over;
    auto held = co_await call<ipc::Hold>(std::move(request), answer_limit);
    if (!held) co_return held.error();
    co_return read(held->proxy);
}

awaitable<Result<ProxyStopped>> ControlHandle::stop(Reason reason, bool cancel_session) {
    ipc::Stop::Request request;
    request.reason_code = name_of(reason.code);
    request.reason = std::move(reason.text);
    request.cancel_session = cancel_session;
    co_return co_await stop(std::move(request));
}

awaitable<Result<ProxyStopped>> ControlHandle::hand_over(Reason reason) {
    ipc::Stop::Request request;
    request.reason_code = name_of(reason.code);
    request.reason = std::move(reason.text);
    request.hand_over = true;
    co_return co_await stop(std::move(request));
}

awaitable<Result<agent::net::ListeningSockets>> ControlHandle::share_listeners() {
    ipc::ShareListeners::Request request;
    auto shared = co_await call<ipc::ShareListeners>(std::move(request), answer_limit);
    if (!shared) co_return shared.error();
    co_return agent::net::sort_sockets(std::move(shared->descriptors));
}

awaitable<Result<ProxyStopped>> ControlHandle::stop(ipc::Stop::Request request) {
    auto reply = co_await call<ipc::Stop>(std::move(request), stop_limit);
    if (!reply) co_return reply.error();
    ProxyStopped stopped;
    stopped.proxy = reader_.status_in(reply->proxy);
    stopped.session_canceled = reply->session_canceled;
    co_return stopped;
}

awaitable<agent::Status> ControlHandle::check(std::string reason) {
    ipc::Check::Request request;
    request.reason = std::move(reason);
    const auto reply = co_await call<ipc::Check>(std::move(request), answer_limit);
    if (!reply) co_return reply.error();
    co_return agent::Status();
}

// Describe, because every version has it.
awaitable<agent::Status> ControlHandle::ping(std::chrono::milliseconds limit) {
    ipc::Describe::Request request;
    const auto reply = co_await call<ipc::Describe>(std::move(request), limit);
    if (!reply) co_return reply.error();
    co_return agent::Status();
}

awaitable<Result<bool>> ControlHandle::kill(std::chrono::milliseconds patience) {
    const auto nobody_listens = [this] {
        const int problem = agent::try_connect(socket_path_);
        return problem == ECONNREFUSED || problem == ENOENT;
    };
    if (!process_ && nobody_listens()) co_return false;
    if (!process_) {
        auto found = HeldProcess::listening_at(socket_path_);
        if (!found) co_return found.error();
        process_.emplace(std::move(*found));
    }
    const bool went = co_await process_->wait_gone(patience);
    if (!went) {
        const auto killed = co_await process_->kill();
        if (!killed) co_return killed.error();
    }
    if (nobody_listens()) ::unlink(socket_path_.c_str());
    co_return !went;
}

awaitable<Result<AdoptedProxy>> ControlHandle::describe() {
    ipc::Describe::Request request;
    auto reply = co_await call<ipc::Describe>(std::move(request), answer_limit);
    if (!reply) co_return reply.error();
    if (!reply->proxy)
        co_return agent::fail(agent::Errc::proxy_failed, agent::Hop::agent,
                              socket_path_ + " carries no session yet");
    AdoptedProxy adopted;
    adopted.status = noted(reader_.status_in(*reply->proxy));
    adopted.cluster_settings = reply->cluster_settings.value_or(agent::Json::object());
    adopted.token_name = reply->token_name.value_or("none");
    adopted.protocol_version = reply->protocol_version;
    adopted.version = std::move(reply->version);
    adopted.proxy_settings() = settings_in(*reply);
    if (!reply->listen_address) adopted.listen_address = adopted.status.address;
    adopted.listen_port = adopted.status.port;
    adopted.shared = adopted.status.shared;
    adopted.eager = adopted.status.eager;
    adopted.says_warm = reply->no_warm.has_value();
    co_return adopted;
}

} // namespace agentd
