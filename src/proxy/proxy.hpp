#pragma once
// Proxy: one session's local listeners, the connections behind them, and its end. agentd/agent_proxy makes one per
// process; nothing here knows about IPC or the controller.

#include "async/event.hpp"
#include "async/task_group.hpp"
#include "base/time.hpp"
#include "boundary/session_authorization.hpp"
#include "net/listen.hpp"
#include "proxy/acceptor.hpp"
#include "proxy/connection.hpp"
#include "proxy/ledger.hpp"
#include "proxy/session_gate.hpp"
#include "proxy/state.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace agent::proxy {

struct ProxyOptions {
    std::string listen_address = "127.0.0.1";      ///< "none": only the Unix socket
    std::uint16_t listen_port = 0;                 ///< 0: the token's default client port if it is free, else any
    std::filesystem::path socket_path;             ///< empty: no Unix socket
    std::chrono::milliseconds inactive_timeout{0}; ///< from the last connection's end; 0: none
    bool inactive_from_start = false;              ///< count inactivity before the first connection too
    bool cancel_when_inactive = false;             ///< the session is ours: end it with the proxy
    bool shared = false;                           ///< other local users may use the TCP port
    std::size_t max_connections = 16 * 1024;
    LinkLimits link;
    RetryLimits retry;
};

enum class Change : std::uint8_t { started, changed, ended, connection_opened, connection_closed, connection_failed };

class Proxy : private ClientSink, private LedgerReader {
  public:
    /// Called with each change and a sentence about it. Must not wait.
    using OnChange = std::function<void(Change, const std::string&)>;

    /// Errc::invalid_authorization when the token's key and certificate do not make a session.
    static Result<std::unique_ptr<Proxy>> create(boost::asio::any_io_executor executor,
                                                 boundary::SessionAuthorization authorization, ProxyOptions options,
                                                 OnChange on_change);
    ~Proxy();

    /// Binds the listeners and begins to serve. Errc::listen_failed, Errc::session_over.
    Status start();

    struct Ending {
        std::string reason;
        bool cancel_session = false; ///< SESSION_CANCEL through a worker, when everything else has ended
        bool drain = false;          ///< let open connections finish; a later call without it cuts them
    };
    /// The first reason stays.
    void end(Ending ending);
    /// Until state() is ended: nothing of the proxy runs any more.
    awaitable<void> wait_ended();

    State state() const { return state_; }
    const std::string& reason() const { return reason_; }
    WallTime since() const { return since_; }
    bool session_canceled() const { return session_canceled_; }
    WallTime expiration() const { return expiration_; }
    const Ledger& ledger() const { return ledger_; }
    const boundary::SessionAuthorization& authorization() const { return authorization_; }
    std::uint16_t port() const { return port_; }
    std::string address() const { return address_; }
    const std::filesystem::path& socket_path() const { return options_.socket_path; }

  private:
    Proxy(boost::asio::any_io_executor executor, boundary::SessionAuthorization authorization,
          net::OpenSslPtr<SSL_CTX> context, ProxyOptions options, OnChange on_change);

    Result<boost::asio::ip::tcp::acceptor> bind_tcp();
    awaitable<void> live();
    awaitable<void> watch_expiry();
    awaitable<void> watch_inactivity();
    awaitable<void> end_connections();
    awaitable<void> wait_idle_or_cut();
    template <class Client> awaitable<void> serve(Client client);
    awaitable<void> cancel_session();
    void enter(StateEvent event, Change change, const std::string& message);

    void take(boost::asio::ip::tcp::socket client) override;
    void take(boost::asio::local::stream_protocol::socket client) override;
    bool full() const override { return clients_ >= options_.max_connections; }
    async::Event& room() override { return room_; }
    void connection_opened() override;
    void connection_closed(const ByteCounts& counts) override;
    void connection_failed(const Error& error) override;
    void connections_used_up() override;

    boost::asio::any_io_executor executor_;
    boundary::SessionAuthorization authorization_;
    net::OpenSslPtr<SSL_CTX> tls_context_;
    ProxyOptions options_;
    OnChange on_change_;
    WallTime expiration_;
    std::string address_;
    std::uint16_t port_ = 0;

    State state_ = State::starting;
    std::string reason_;
    WallTime since_;
    std::optional<Ending> ending_;
    bool cut_ = false; ///< connections may not finish
    bool session_canceled_ = false;
    std::optional<std::chrono::steady_clock::time_point> refused_since_; ///< by workers, with no success since
    std::size_t clients_ = 0; ///< accepted and not yet done with, whether or not they got through
    async::Event changed_;    ///< ending_, cut_, state_ or clients_
    async::Event room_;

    Ledger ledger_;
    SessionGate gate_;
    ConnectionContext context_;
    std::optional<boost::asio::ip::tcp::acceptor> tcp_;
    std::optional<net::UnixListener> unix_;
    async::TaskGroup connections_;
    async::TaskGroup listeners_; ///< accept loops and timers: what ends when the proxy stops listening
    async::TaskGroup life_;
};

} // namespace agent::proxy
