#include "proxy/proxy.hpp"

#include "async/with_timeout.hpp"
#include "base/log.hpp"
#include "boundary/protocol.hpp"
#include "net/wall_timer.hpp"
#include "proxy/session_tls.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

namespace agent::proxy {
namespace {

using boost::asio::ip::tcp;
using unix_socket = boost::asio::local::stream_protocol::socket;
using namespace std::chrono_literals;

constexpr std::chrono::seconds cancel_limit{5};
constexpr std::chrono::seconds refusals_limit{20};
constexpr std::chrono::seconds expired_drain_limit{5}; // the worker cuts at the same moment, by its own clock

WorkerAccess access_of(const boundary::SessionAuthorization& authorization, SSL_CTX* context, LinkLimits limits) {
    return WorkerAccess{authorization, context, limits};
}

} // namespace

Result<std::unique_ptr<Proxy>> Proxy::create(boost::asio::any_io_executor executor,
                                             boundary::SessionAuthorization authorization, ProxyOptions options,
                                             OnChange on_change) {
    auto context = make_session_context(authorization);
    if (!context) return context.error();
    return std::unique_ptr<Proxy>(
        new Proxy(executor, std::move(authorization), std::move(*context), std::move(options), std::move(on_change)));
}

Proxy::Proxy(boost::asio::any_io_executor executor, boundary::SessionAuthorization authorization,
             net::OpenSslPtr<SSL_CTX> context, ProxyOptions options, OnChange on_change)
    : executor_(executor), authorization_(std::move(authorization)), tls_context_(std::move(context)),
      options_(std::move(options)), on_change_(std::move(on_change)), expiration_(session_expiration(authorization_)),
      since_(wall_now()), changed_(executor), room_(executor), ledger_(*this),
      gate_(executor, access_of(authorization_, tls_context_.get(), options_.link), boundary::new_tofu_token(),
            options_.retry),
      context_{gate_, ledger_, authorization_.endpoint, options_.shared}, connections_(executor), listeners_(executor),
      life_(executor) {}

Proxy::~Proxy() = default;

Status Proxy::start() {
    if (expiration_ <= wall_now())
        return fail(Errc::session_over, Hop::expiry, "session " + authorization_.session_id + " has expired",
                    "Authorize the target again.");
    const bool with_tcp = options_.listen_address != "none";
    if (with_tcp) {
        auto acceptor = bind_tcp();
        if (!acceptor) return acceptor.error();
        tcp_.emplace(std::move(*acceptor));
    }
    if (!options_.socket_path.empty()) {
        auto listener = net::listen_unix(executor_, options_.socket_path);
        if (!listener) return listener.error();
        unix_.emplace(std::move(*listener));
    }
    if (tcp_) {
        const auto bound = tcp_->local_endpoint();
        address_ = bound.address().to_string();
        port_ = bound.port();
        if (!bound.address().is_loopback()) log::warning("listening on {}: open to other machines", address_);
        listeners_.spawn(accept_clients(*tcp_, *this), "accept tcp");
    }
    if (unix_) listeners_.spawn(accept_clients(unix_->acceptor(), *this), "accept unix");
    listeners_.spawn(watch_expiry(), "expiry");
    if (options_.inactive_timeout > 0ms) listeners_.spawn(watch_inactivity(), "inactivity");
    life_.spawn(live(), "proxy");
    enter(StateEvent::listening, Change::started,
          "listening on " + (tcp_ ? address_ + " port " + std::to_string(port_) : options_.socket_path.string()));
    return {};
}

// The token's default port is a wish: where it is taken and nobody asked for it, any other will do.
Result<tcp::acceptor> Proxy::bind_tcp() {
    if (options_.listen_port != 0 || authorization_.default_client_port == 0 ||
        authorization_.default_client_port > 65535)
        return net::listen_tcp(executor_, options_.listen_address, options_.listen_port);
    const auto wish = static_cast<std::uint16_t>(authorization_.default_client_port);
    auto acceptor = net::listen_tcp(executor_, options_.listen_address, wish);
    if (acceptor || acceptor.error().code != Errc::listen_failed) return acceptor;
    log::warning("{}; taking another port", acceptor.error().message);
    return net::listen_tcp(executor_, options_.listen_address, 0);
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

awaitable<void> Proxy::wait_ended() {
    while (state_ != State::ended) co_await changed_.wait();
    co_await life_.drain();
}

// The shutdown sequence, in the order that loses nothing.
awaitable<void> Proxy::live() {
    while (!ending_) co_await changed_.wait();

    // 1. Nobody new: the listeners close, their addresses are free.
    reason_ = ending_->reason;
    co_await listeners_.stop();
    tcp_.reset();
    unix_.reset();
    enter(StateEvent::stop, Change::changed, reason_);

    // 2. The connections: they finish, or they are cut.
    co_await end_connections();

    // 3. The session itself, while we still hold its key.
    if (ending_->cancel_session) co_await cancel_session();

    // 4. Done.
    enter(StateEvent::all_gone, Change::ended, reason_);
}

awaitable<void> Proxy::end_connections() {
    using namespace boost::asio::experimental::awaitable_operators;
    co_await (wait_idle_or_cut() || net::wait_until(expiration_ + expired_drain_limit));
    co_await connections_.stop();
}

awaitable<void> Proxy::wait_idle_or_cut() {
    while (!cut_ && clients_ > 0) co_await changed_.wait();
}

awaitable<void> Proxy::cancel_session() {
    const auto canceled = co_await async::with_timeout(gate_.cancel_session(), cancel_limit);
    session_canceled_ = canceled && *canceled;
    if (session_canceled_) {
        log::info("session={} canceled", authorization_.session_id);
    } else {
        log::warning("session={} could not be canceled through a worker: {}", authorization_.session_id,
                     canceled ? canceled->error().message : "no answer in time");
    }
}

awaitable<void> Proxy::watch_expiry() {
    co_await net::wait_until(expiration_);
    Ending ending;
    ending.reason = "Session has expired";
    ending.drain = true;
    end(std::move(ending));
}

// Counted from the end of the last connection; before the first one only where nobody may ever come.
awaitable<void> Proxy::watch_inactivity() {
    using namespace boost::asio::experimental::awaitable_operators;
    for (;;) {
        while (clients_ > 0 || (ledger_.total() == 0 && !options_.inactive_from_start)) co_await changed_.wait();
        auto first = co_await (async::sleep_for(options_.inactive_timeout) || changed_.wait());
        if (first.index() == 1 || clients_ > 0) continue;
        Ending ending;
        ending.reason = "Inactivity timeout reached";
        ending.cancel_session = options_.cancel_when_inactive;
        end(std::move(ending));
        co_return;
    }
}

void Proxy::take(tcp::socket client) {
    connections_.spawn(serve(std::move(client)), "connection");
}

void Proxy::take(unix_socket client) {
    connections_.spawn(serve(std::move(client)), "connection");
}

template <class Client> awaitable<void> Proxy::serve(Client client) {
    struct Counted {
        explicit Counted(Proxy& proxy) : proxy_(proxy) { ++proxy_.clients_; }
        Counted(const Counted&) = delete;
        ~Counted() {
            --proxy_.clients_;
            proxy_.room_.notify_all();
            proxy_.changed_.notify_all();
        }
        Proxy& proxy_;
    } const counted(*this);
    co_await serve_connection(std::move(client), context_);
}

void Proxy::enter(StateEvent event, Change change, const std::string& message) {
    const State before = std::exchange(state_, next(state_, event));
    if (state_ != before) since_ = wall_now();
    changed_.notify_all();
    on_change_(change, message);
}

void Proxy::connection_opened() {
    refused_since_.reset();
    enter(StateEvent::connection_opened, Change::connection_opened, "connection opened");
}

void Proxy::connection_closed(const ByteCounts& counts) {
    const std::string message =
        fmt::format("connection closed after {} bytes up, {} bytes down", counts.up, counts.down);
    enter(ledger_.open() == 0 ? StateEvent::connections_idle : StateEvent::connection_opened, Change::connection_closed,
          message);
}

void Proxy::connections_used_up() {
    Ending ending;
    ending.reason = "No connections left in session";
    ending.drain = true;
    end(std::move(ending));
}

void Proxy::connection_failed(const Error& error) {
    log::warning("session={} connection failed: {}", authorization_.session_id, error.message);
    on_change_(Change::connection_failed, error.message);
    if (error.code != Errc::session_over) return;
    // The worker says the same when it cannot ask its controller, so one refusal ends nothing but its connection. Where
    // agentd has a login it asks the controller and ends us at once; elsewhere only refusals that go on for longer than
    // a worker survives without its controller mean that no later connection can succeed. Those that run are not
    // touched.
    const auto now = std::chrono::steady_clock::now();
    if (!refused_since_) refused_since_ = now;
    if (now - *refused_since_ < refusals_limit) return;
    Ending ending;
    ending.reason = error.message;
    ending.drain = true;
    end(std::move(ending));
}

} // namespace agent::proxy
