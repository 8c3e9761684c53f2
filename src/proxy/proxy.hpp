#pragma once
// Proxy: local listeners, the session behind them, the connections, and the end. A transient proxy
// is made with its session and ends with it; a persistent one keeps its port while sessions come
// and go. agentd/agent_proxy makes one per process; nothing here knows about IPC or the controller.

#include "async/event.hpp"
#include "async/task_group.hpp"
#include "base/time.hpp"
#include "boundary/session_authorization.hpp"
#include "model/reason.hpp"
#include "net/listen.hpp"
#include "net/listening_sockets.hpp"
#include "net/refusals.hpp"
#include "proxy/acceptor.hpp"
#include "proxy/connection.hpp"
#include "proxy/file_limit.hpp"
#include "proxy/ledger.hpp"
#include "proxy/session_slot.hpp"
#include "proxy/state.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace agent::proxy {

struct ProxyOptions {
    std::string listen_address = "127.0.0.1"; ///< "none": only the Unix socket
    std::uint16_t listen_port = 0; ///< 0: the token's default client port if it is free, else any
    std::filesystem::path socket_path;             ///< empty: no Unix socket
    std::chrono::milliseconds inactive_timeout{0}; ///< from the last connection's end; 0: none
    bool inactive_from_start = false;  ///< count inactivity before the first connection too
    bool cancel_when_inactive = false; ///< the session is ours: end it with the proxy
    bool shared = false;               ///< other local users may come
    bool persistent = false;           ///< the port outlives the session
    bool wait_for_port = false; ///< somebody else's port: blocked until it is free, not an error
    std::size_t max_connections = 16 * 1024;
    LinkLimits link;
    RetryLimits retry;
    WarmLimits warm;
    KeepAliveLimits keep_alive;
    HoldLimits hold;

    GateLimits gate_limits() const { return GateLimits{retry, warm}; }
};

enum class Change : std::uint8_t {
    started,
    changed,
    ended,
    connection_opened,
    connection_closed,
    connection_failed,
    connection_recovered, ///< the first one that carried something after a failure
    session_wanted,       ///< a client waits and there is no session
    session_given,
    session_ended, ///< expired, used up or released: for good
    session_lost,  ///< workers refuse it or are gone: its controller knows more
    limit_near,    ///< one connection is left in it
    port_blocked,
};

class Proxy final : private ClientSink,
                    private ClientCounter,
                    private LedgerReader,
                    private SessionSeeker,
                    private SessionKeeper {
  public:
    /// Called with each change and a sentence about it. Must not wait.
    using OnChange = std::function<void(Change, const std::string&)>;

    /// Without keys only a persistent one. Errc::invalid_authorization when the token's key and
    /// certificate do not make a session.
    static Result<std::unique_ptr<Proxy>> create(boost::asio::any_io_executor executor,
                                                 std::optional<SessionKeys> keys,
                                                 ProxyOptions options, OnChange on_change);
    /// With a session and a TOFU token of its own.
    static Result<std::unique_ptr<Proxy>> create(boost::asio::any_io_executor executor,
                                                 boundary::SessionAuthorization authorization,
                                                 ProxyOptions options, OnChange on_change);
    ~Proxy();

    /// Binds the listeners, or goes on with those that a proxy before it has left, and begins to
    /// serve. Errc::listen_failed, Errc::session_over.
    Status start(net::ListeningSockets left = {});
    /// What it listens on, for whoever keeps that open while this process is replaced.
    net::ListeningSockets listening_sockets();

    // proxy_session.cpp: for persistent ones
    /// New connections use this session from now on; the present ones keep theirs.
    /// Errc::session_over when it has expired.
    Status give_session(SessionKeys keys);
    /// What a session waits for, and why. `session_over`: the present one serves no new connection.
    void hold(Standing::Wait wait, model::Reason reason, bool session_over);

    struct Ending {
        model::Reason reason;
        bool cancel_session =
            false; ///< SESSION_CANCEL through a worker, when everything else has ended
        bool hand_over =
            false;          ///< the listeners stay open for the next process; only ours are closed
        bool drain = false; ///< let open connections finish; a later call without it cuts them
    };
    /// The first reason stays.
    void end(Ending ending);
    /// The network changed or the machine slept: forgets connections opened ahead of need and pings
    /// the live ones now.
    void check_connections();
    /// Until state() is ended: nothing of the proxy runs any more.
    awaitable<void> wait_ended();

    State state() const { return state_of(standing_); }
    const std::string& reason() const { return reason_.text; }
    model::ReasonCode reason_code() const { return reason_.code; }
    /// Of the last session that was lost.
    model::ReasonCode session_end() const { return session_end_; }
    WallTime since() const { return since_; }
    bool session_canceled() const { return session_canceled_; }
    bool persistent() const { return options_.persistent; }
    const Ledger& ledger() const { return ledger_; }
    /// nullptr: none now.
    const Session* session() const { return slot_.current().get(); }
    /// The present one, or the one before; nullptr: there has been none.
    const Session* last_session() const { return slot_.last().get(); }
    std::size_t clients_waiting() const { return slot_.waiting(); }
    std::uint16_t port() const { return port_; }
    std::string address() const { return address_; }
    const std::filesystem::path& socket_path() const { return options_.socket_path; }

  private:
    Proxy(boost::asio::any_io_executor executor, std::shared_ptr<Session> session,
          ProxyOptions options, OnChange on_change);

    // proxy_listeners.cpp
    Result<boost::asio::ip::tcp::acceptor> open_tcp(UniqueFd left);
    Result<net::UnixListener> open_unix(UniqueFd left);
    Result<boost::asio::ip::tcp::acceptor> bind_tcp();
    void close_listeners();
    void listen_on_tcp();
    awaitable<void> take_port_back();
    bool admits(int socket, const boost::asio::ip::tcp::endpoint& peer) override;
    bool admits(int socket, const boost::asio::local::stream_protocol::endpoint& peer) override;
    bool admit(const net::Peer& peer, std::uint16_t port);

    // proxy.cpp
    awaitable<void> live();
    awaitable<void> watch_inactivity();
    awaitable<void> end_connections();
    awaitable<void> wait_idle_or_cut();
    awaitable<void> rest();
    void enter(StateEvent event, Change change, const std::string& message);

    // proxy_session.cpp
    awaitable<void> watch_expiry();
    awaitable<void> cancel_session(std::shared_ptr<Session> session);
    void lose_session(Change how, model::Reason reason);
    void release_session(model::Reason reason);
    void session_wanted() override;
    void session_used(Session& session, std::int32_t connections_left) override;
    bool session_failed(const std::shared_ptr<Session>& session, const Error& error) override;
    void weigh_refusal(const Error& error);

    void take(boost::asio::ip::tcp::socket client) override;
    void take(boost::asio::local::stream_protocol::socket client) override;
    bool full() const override {
        return clients_ >= std::min(options_.max_connections, clients_that_fit());
    }
    async::Event& room() override { return room_; }
    void client_came() override;
    void client_left() override;
    void connection_opened() override;
    void connection_closed(const ByteCounts& counts) override;
    void connection_failed(const Error& error) override;
    void connection_recovered() override;

    boost::asio::any_io_executor executor_;
    ProxyOptions options_;
    OnChange on_change_;
    std::string address_;
    std::uint16_t port_ = 0;

    Standing standing_;
    model::Reason reason_;
    model::ReasonCode session_end_ = model::ReasonCode::none;
    WallTime since_;
    std::optional<Ending> ending_;
    bool cut_ = false; ///< connections may not finish
    bool session_canceled_ = false;
    bool last_is_over_ = false; ///< the last session ended for good: nothing to cancel
    std::size_t clients_ = 0;   ///< accepted and not yet done with, whether or not they got through
    bool resting_ = false;      ///< memory will be given back soon
    std::uint64_t came_or_left_ = 0; ///< clients
    std::uint64_t trimmed_ = 0;      ///< came_or_left_ when the heap was last given back
    async::Event changed_;           ///< ending_, cut_, state or clients_
    async::Event session_changed_;
    async::Event room_;

    Ledger ledger_;
    SessionSlot slot_;
    KeepAlive keep_alive_;
    ConnectionContext context_;
    net::Refusals refusals_{"the proxy is not shared"};
    std::optional<boost::asio::ip::tcp::acceptor> tcp_;
    std::optional<net::UnixListener> unix_;
    async::TaskGroup connections_;
    async::TaskGroup ahead_; ///< worker connections that are being opened ahead of need
    async::TaskGroup
        listeners_; ///< accept loops and timers: what ends when the proxy stops listening
    async::TaskGroup life_;
};

} // namespace agent::proxy
