#include "agentd/agent_proxy/control.hpp"

#include "agentd/settings_message.hpp"
#include "async/with_timeout.hpp"
#include "base/log.hpp"
#include "base/scope_exit.hpp"
#include "confine/confine.hpp"

#include <algorithm>

namespace agentd {
namespace {

using agent::Errc;
using agent::fail;
using agent::Hop;
using agent::Result;
using agent::model::Reason;
using agent::model::ReasonCode;
using agent::proxy::Change;
using agent::proxy::Proxy;
using agent::proxy::State;
using boost::asio::awaitable;

// 1: Serve, Describe, Subscribe, Stop. 2: Renew and Hold, and a Serve without a session. 3:
// ShareListeners, sockets beside Serve, Check.
constexpr std::int64_t protocol_version = 3;
constexpr std::size_t kept_events = 256;
constexpr std::size_t max_name_bytes = 64;

/// An agentd before reason codes says none; a newer one may have more.
ReasonCode reason_code_in(const std::optional<std::string>& text) {
    if (!text) return ReasonCode::other;
    return agent::model::from_name<ReasonCode>(*text).value_or(ReasonCode::other);
}

/// The name becomes a file's.
bool is_file_name(const std::string& name) {
    return !name.empty() && name.size() <= max_name_bytes && name.front() != '.' &&
           name.find_first_of(std::string_view("/\0", 2)) == std::string::npos;
}

} // namespace

Control::Control(boost::asio::any_io_executor executor, std::string connect_folder)
    : executor_(executor), connect_folder_(std::move(connect_folder)), happened_(executor) {}

awaitable<Result<ipc::Serve::Response>> Control::handle(ipc::Serve::Request request,
                                                        ipc::Progress<ipc::Serve>&) {
    if (proxy_)
        co_return fail(Errc::proxy_exists, Hop::local,
                       "this agent-proxy already serves " + told_.name);
    if (stopped_) co_return fail(Errc::session_over, Hop::local, "this agent-proxy is ending");
    if (!is_file_name(request.name))
        co_return fail(Errc::invalid_argument, Hop::local, "name: not usable as a file name");
    if (request.listen_port < 0 || request.listen_port > 65535)
        co_return fail(Errc::invalid_argument, Hop::local, "listen_port: not between 0 and 65535");
    if (request.inactive_timeout_ms < 0)
        co_return fail(Errc::invalid_argument, Hop::local, "inactive_timeout_ms: negative");
    if (request.keep_alive_ms.value_or(0) < 0)
        co_return fail(Errc::invalid_argument, Hop::local, "keep_alive_ms: negative");

    std::optional<agent::proxy::SessionKeys> keys;
    if (!request.authorization_token.empty()) {
        auto authorization =
            agent::boundary::decode_authorization_token(request.authorization_token.reveal());
        if (!authorization) co_return authorization.error();
        keys.emplace();
        keys->authorization = std::move(*authorization);
        keys->tofu_token = std::move(request.tofu_token).value_or(agent::Secret());
    }
    request.authorization_token = agent::Secret();
    request.tofu_token.reset();

    agent::proxy::ProxyOptions options;
    settings_ = settings_in(request);
    options.listen_address = settings_.listen_address;
    options.listen_port = static_cast<std::uint16_t>(settings_.listen_port);
    options.socket_path = connect_folder_ + "/" + request.name + ".sock";
    options.inactive_timeout = settings_.inactive_timeout;
    options.inactive_from_start = settings_.inactive_from_start;
    options.cancel_when_inactive = request.authorized_here;
    options.shared = settings_.shared;
    options.persistent = request.persistent.value_or(false);
    options.wait_for_port = request.wait_for_port.value_or(false);
    if (!settings_.warm) options.warm.quiet = 0;
    if (settings_.keep_alive) options.keep_alive.silence = *settings_.keep_alive;
    auto on_change = [this](Change change, const std::string& message) { note(change, message); };
    auto made = Proxy::create(executor_, std::move(keys), std::move(options), std::move(on_change));
    if (!made) co_return made.error();
    proxy_ = std::move(*made);
    auto left = agent::net::sort_sockets(std::exchange(request.descriptors, {}));
    told_ = std::move(request);
    if (auto started = proxy_->start(std::move(left)); !started) {
        proxy_.reset();
        events_.clear();
        co_return started.error();
    }
    agent::confine::no_more_unix_sockets(); // before the first byte from outside
    ipc::Serve::Response response;
    response.proxy = view(*proxy_, told_, settings_);
    co_return response;
}

awaitable<Result<ipc::Describe::Response>> Control::handle(ipc::Describe::Request,
                                                           ipc::Progress<ipc::Describe>&) {
    ipc::Describe::Response response;
    response.protocol_version = protocol_version;
    response.version = AGENT_VERSION;
    if (proxy_) {
        response.proxy = view(*proxy_, told_, settings_);
        response.cluster_settings = told_.cluster_settings;
        response.token_name = told_.token_name;
        say_settings(response, settings_);
    }
    co_return response;
}

awaitable<Result<ipc::Subscribe::Response>>
Control::handle(ipc::Subscribe::Request, ipc::Progress<ipc::Subscribe>& progress) {
    if (!proxy_)
        co_return fail(Errc::invalid_argument, Hop::local,
                       "nothing is served yet: call Serve first");
    ++subscribers_;
    const agent::ScopeExit counted([this] {
        --subscribers_;
        happened_.notify_all();
    });

    ProxyEvent event;
    event.kind = event_kind(Change::changed);
    if (!progress.wants()) co_return present(event);
    auto seen = newest_;
    for (;;) {
        // The end is the last reply, whatever is still untold before it: it shows the final state.
        const bool ended = proxy_->state() == State::ended;
        if (ended && !events_.empty()) event = events_.back();
        auto reply = present(event);
        if (ended) {
            told_the_end_ = true;
            co_return reply;
        }
        const auto sent = co_await progress.send(std::move(reply));
        if (!sent) co_return sent.error();
        while (seen == newest_) co_await happened_.wait();
        const auto oldest = newest_ - events_.size() + 1; // a slow subscriber loses what is older
        seen = std::max(seen + 1, oldest);
        event = events_[static_cast<std::size_t>(seen - oldest)];
    }
}

awaitable<Result<ipc::Renew::Response>> Control::handle(ipc::Renew::Request request,
                                                        ipc::Progress<ipc::Renew>&) {
    if (!proxy_ || !proxy_->persistent())
        co_return fail(Errc::invalid_argument, Hop::local,
                       "this agent-proxy keeps no port for another session");
    auto authorization =
        agent::boundary::decode_authorization_token(request.authorization_token.reveal());
    if (!authorization) co_return authorization.error();
    agent::proxy::SessionKeys keys;
    keys.authorization = std::move(*authorization);
    keys.tofu_token = std::move(request.tofu_token);
    const auto given = proxy_->give_session(std::move(keys));
    if (!given) co_return given.error();
    ipc::Renew::Response response;
    response.proxy = view(*proxy_, told_, settings_);
    co_return response;
}

awaitable<Result<ipc::Hold::Response>> Control::handle(ipc::Hold::Request request,
                                                       ipc::Progress<ipc::Hold>&) {
    if (!proxy_ || !proxy_->persistent())
        co_return fail(Errc::invalid_argument, Hop::local, "this agent-proxy holds nobody");
    const auto wait = agent::model::from_name<agent::model::Wait>(request.wait);
    if (!wait) co_return fail(Errc::invalid_argument, Hop::local, "wait: unknown " + request.wait);
    Reason reason(reason_code_in(request.reason_code), std::move(request.reason));
    proxy_->hold(*wait, std::move(reason), request.session_over);
    ipc::Hold::Response response;
    response.proxy = view(*proxy_, told_, settings_);
    co_return response;
}

awaitable<Result<ipc::Stop::Response>> Control::handle(ipc::Stop::Request request,
                                                       ipc::Progress<ipc::Stop>&) {
    Proxy::Ending ending;
    ending.reason = Reason(reason_code_in(request.reason_code), std::move(request.reason));
    ending.cancel_session = request.cancel_session;
    ending.drain = request.drain;
    ending.hand_over = request.hand_over.value_or(false);
    stop(std::move(ending));
    ipc::Stop::Response response;
    if (!proxy_) co_return response;
    if (!request.drain) co_await proxy_->wait_ended();
    response.proxy = view(*proxy_, told_, settings_);
    response.session_canceled = proxy_->session_canceled();
    co_return response;
}

awaitable<Result<ipc::ShareListeners::Response>>
Control::handle(ipc::ShareListeners::Request, ipc::Progress<ipc::ShareListeners>&) {
    if (!proxy_)
        co_return fail(Errc::invalid_argument, Hop::local,
                       "nothing is served yet: call Serve first");
    ipc::ShareListeners::Response response;
    response.descriptors = proxy_->listening_sockets().share();
    co_return response;
}

awaitable<Result<ipc::Check::Response>> Control::handle(ipc::Check::Request request,
                                                        ipc::Progress<ipc::Check>&) {
    agent::log::info("checking connections: {}", request.reason);
    if (proxy_) proxy_->check_connections();
    co_return ipc::Check::Response();
}

void Control::stop(Proxy::Ending ending) {
    stopped_ = true;
    if (proxy_) proxy_->end(std::move(ending));
    happened_.notify_all();
}

awaitable<void> Control::wait_ended(std::chrono::steady_clock::duration serve_limit) {
    const bool in_time = co_await agent::async::with_timeout(wait_served_or_stopped(), serve_limit);
    if (!in_time) agent::log::warning("nobody called Serve in time");
    stopped_ = stopped_ || !in_time; // a Serve that comes now is refused
    if (proxy_) co_await proxy_->wait_ended();
}

awaitable<void> Control::wait_served_or_stopped() {
    while (!proxy_ && !stopped_) co_await happened_.wait();
}

awaitable<void> Control::wait_told(std::chrono::steady_clock::duration limit) {
    if (proxy_) co_await agent::async::with_timeout(wait_all_told(), limit);
}

awaitable<void> Control::wait_all_told() {
    while (!told_the_end_ || subscribers_ > 0) co_await happened_.wait();
}

void Control::note(Change change, const std::string& message) {
    if (change == Change::started) agent::confine::no_more_listening();
    ProxyEvent event;
    event.kind = event_kind(change);
    event.message = message;
    if (proxy_ && proxy_->last_session() != nullptr)
        event.session_id = proxy_->last_session()->id();
    const bool about_session = change == Change::session_ended || change == Change::session_lost;
    if (proxy_ && (about_session || change == Change::ended))
        event.reason_code = about_session ? proxy_->session_end() : proxy_->reason_code();
    events_.push_back(std::move(event));
    if (events_.size() > kept_events) events_.pop_front();
    ++newest_;
    happened_.notify_all();
}

ipc::Subscribe::Response Control::present(const ProxyEvent& event) const {
    ipc::Subscribe::Response response;
    response.kind = event.kind;
    response.message = event.message;
    response.proxy = view(*proxy_, told_, settings_);
    if (!event.session_id.empty()) response.session_id = event.session_id;
    if (event.reason_code != ReasonCode::none) response.reason_code = name_of(event.reason_code);
    return response;
}

} // namespace agentd
