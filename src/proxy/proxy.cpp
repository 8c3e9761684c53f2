#include "proxy/proxy.hpp"

#include "async/with_timeout.hpp"
#include "base/log.hpp"
#include "net/block_pool.hpp"
#include "net/wall_timer.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <malloc.h>

#include <utility>

namespace agent::proxy {
namespace {

using boost::asio::ip::tcp;
using unix_socket = boost::asio::local::stream_protocol::socket;
using namespace std::chrono_literals;

constexpr std::uint64_t crowd = 50; // clients that came or left: fewer leave too little behind
constexpr auto rest_after = 500ms;

constexpr std::chrono::seconds expired_drain_limit{
    5}; // the worker cuts at the same moment, by its own clock

} // namespace

Result<std::unique_ptr<Proxy>> Proxy::create(boost::asio::any_io_executor executor,
                                             std::optional<SessionKeys> keys, ProxyOptions options,
                                             OnChange on_change) {
    std::shared_ptr<Session> session;
    if (keys) {
        auto made =
            Session::create(executor, std::move(*keys), options.link, options.gate_limits());
        if (!made) return made.error();
        session = std::move(*made);
    } else if (!options.persistent) {
        return fail(Errc::invalid_authorization, Hop::local,
                    "a proxy that ends with its session needs one");
    }
    return std::unique_ptr<Proxy>(
        new Proxy(executor, std::move(session), std::move(options), std::move(on_change)));
}

Result<std::unique_ptr<Proxy>> Proxy::create(boost::asio::any_io_executor executor,
                                             boundary::SessionAuthorization authorization,
                                             ProxyOptions options, OnChange on_change) {
    SessionKeys keys;
    keys.authorization = std::move(authorization);
    return create(executor, std::optional<SessionKeys>(std::move(keys)), std::move(options),
                  std::move(on_change));
}

Proxy::Proxy(boost::asio::any_io_executor executor, std::shared_ptr<Session> session,
             ProxyOptions options, OnChange on_change)
    : executor_(executor), options_(std::move(options)), on_change_(std::move(on_change)),
      since_(wall_now()), changed_(executor), session_changed_(executor), room_(executor),
      ledger_(*this), slot_(executor, *this, options_.hold),
      keep_alive_(executor, options_.keep_alive),
      context_{slot_, *this, *this, ledger_, keep_alive_}, connections_(executor), ahead_(executor),
      listeners_(executor), life_(executor) {
    if (session) {
        session->open_ahead_in(ahead_);
        slot_.give(std::move(session));
        standing_ = next(standing_, StateEvent::session_given);
    }
}

Proxy::~Proxy() = default;

Status Proxy::start(net::ListeningSockets left) {
    if (session() != nullptr)
        if (const auto alive = session()->check_not_expired(); !alive) return alive.error();
    const bool with_tcp = options_.listen_address != "none";
    std::optional<Error> blocked;
    if (with_tcp) {
        auto acceptor = open_tcp(std::move(left.tcp));
        if (acceptor)
            tcp_.emplace(std::move(*acceptor));
        else if (options_.wait_for_port && acceptor.error().code == Errc::listen_failed)
            blocked = acceptor.error();
        else
            return acceptor.error();
    }
    if (!options_.socket_path.empty()) {
        auto listener = open_unix(std::move(left.local));
        if (!listener) return listener.error();
        unix_.emplace(std::move(*listener));
        listeners_.spawn_lasting([this] { return accept_clients(unix_->acceptor(), *this); },
                                 "accept unix");
    }
    listeners_.spawn_lasting([this] { return watch_expiry(); }, "expiry");
    if (options_.inactive_timeout > 0ms)
        listeners_.spawn_lasting([this] { return watch_inactivity(); }, "inactivity");
    life_.spawn(live(), "proxy");
    if (tcp_) {
        listen_on_tcp();
    } else if (blocked) {
        address_ = options_.listen_address;
        port_ = options_.listen_port;
        reason_ = model::Reason(model::ReasonCode::port_taken, blocked->message);
        enter(StateEvent::port_taken, Change::port_blocked, reason_.text);
        listeners_.spawn(take_port_back(), "take port back");
    } else {
        enter(StateEvent::listening, Change::started,
              "listening on " + options_.socket_path.string());
    }
    return {};
}

void Proxy::end(Ending ending) {
    cut_ = cut_ || !ending.drain;
    if (!ending_) {
        ending_ = std::move(ending);
    } else {
        ending_->cancel_session = ending_->cancel_session || ending.cancel_session;
    }
    changed_.notify_all();
}

void Proxy::check_connections() {
    if (slot_.current()) slot_.current()->gate().route_changed();
    keep_alive_.check();
}

awaitable<void> Proxy::wait_ended() {
    while (state() != State::ended) co_await changed_.wait();
    co_await life_.drain();
}

// The shutdown sequence, in the order that loses nothing.
awaitable<void> Proxy::live() {
    while (!ending_) co_await changed_.wait();

    // 1. Nobody new: the listeners close, their addresses are free, who still waits for a session
    // is let go.
    reason_ = ending_->reason;
    if (slot_.last()) slot_.last()->gate().retire();
    co_await ahead_.stop();
    co_await listeners_.stop();
    close_listeners();
    if (session() == nullptr) slot_.refuse(fail(Errc::canceled, Hop::local, reason_.text));
    enter(StateEvent::stop, Change::changed, reason_.text);

    // 2. The connections: they finish, or they are cut.
    co_await end_connections();

    // 3. The session itself, while we still hold its key.
    if (ending_->cancel_session && slot_.last() && !last_is_over_)
        co_await cancel_session(slot_.last());

    // 4. Done.
    co_await keep_alive_.stop();
    enter(StateEvent::all_gone, Change::ended, reason_.text);
}

awaitable<void> Proxy::end_connections() {
    using namespace boost::asio::experimental::awaitable_operators;
    const auto* last = last_session();
    const auto limit = last != nullptr ? last->expiration() + expired_drain_limit
                                       : wall_now() + expired_drain_limit;
    co_await (wait_idle_or_cut() || net::wait_until(limit));
    co_await connections_.stop();
}

awaitable<void> Proxy::wait_idle_or_cut() {
    while (!cut_ && clients_ > 0) co_await changed_.wait();
}

// Counted from the end of the last connection; before the first one only where nobody may ever
// come.
awaitable<void> Proxy::watch_inactivity() {
    using namespace boost::asio::experimental::awaitable_operators;
    for (;;) {
        while (clients_ > 0 || session() == nullptr ||
               (ledger_.total() == 0 && !options_.inactive_from_start))
            co_await changed_.wait();
        auto first = co_await (async::sleep_for(options_.inactive_timeout) || changed_.wait());
        if (first.index() == 1 || clients_ > 0) continue;
        if (options_.persistent) {
            release_session(model::Reason(model::ReasonCode::inactive));
            continue;
        }
        Ending ending;
        ending.reason = model::Reason(model::ReasonCode::inactive);
        ending.cancel_session = options_.cancel_when_inactive;
        end(std::move(ending));
        co_return;
    }
}

void Proxy::take(tcp::socket client) {
    connections_.spawn(serve_connection(std::move(client), context_), "connection");
}

void Proxy::take(unix_socket client) {
    connections_.spawn(serve_connection(std::move(client), context_), "connection");
}

void Proxy::client_came() {
    ++clients_;
    ++came_or_left_;
}
void Proxy::client_left() {
    --clients_;
    ++came_or_left_;
    if (!std::exchange(resting_, true)) listeners_.spawn(rest(), "rest");
    room_.notify_all();
    changed_.notify_all();
}
// What moved bytes, and what handshakes and a crowd left behind in the heap,
// goes back to the system once nothing has come, gone or moved for a moment.
awaitable<void> Proxy::rest() {
    const auto activity = [this] {
        const auto bytes = ledger_.bytes();
        return came_or_left_ + bytes.up + bytes.down;
    };
    for (auto before = activity() - 1; before != activity();) {
        before = activity();
        co_await async::sleep_for(rest_after);
        ledger_.notice_recovery();
    }
    net::release_free_blocks();
    if (came_or_left_ - trimmed_ >= crowd) {
        ::malloc_trim(0);
        trimmed_ = came_or_left_;
    }
    resting_ = false;
}

void Proxy::enter(StateEvent event, Change change, const std::string& message) {
    const State before = state();
    standing_ = next(standing_, event);
    if (state() != before) since_ = wall_now();
    changed_.notify_all();
    on_change_(change, message);
}

void Proxy::connection_opened() {
    if (!std::exchange(resting_, true)) listeners_.spawn(rest(), "rest");
    enter(StateEvent::connection_opened, Change::connection_opened, "connection opened");
}

void Proxy::connection_closed(const ByteCounts& counts) {
    const std::string message =
        fmt::format("connection closed after {} bytes up, {} bytes down", counts.up, counts.down);
    enter(ledger_.open() == 0 ? StateEvent::connections_idle : StateEvent::connection_opened,
          Change::connection_closed, message);
}

void Proxy::connection_failed(const Error& error) {
    log::warning("session={} connection failed: {}", session() == nullptr ? "-" : session()->id(),
                 error.message);
    on_change_(Change::connection_failed, error.message);
    if (error.code == Errc::session_over) weigh_refusal(error);
}

void Proxy::connection_recovered() {
    on_change_(Change::connection_recovered, "connections work again");
}

} // namespace agent::proxy
