#pragma once
// Agent1: the object /org/agentd/Agent1. Its vtable is the table of contents of the interface; each
// method is a small adapter: read arguments, call the handler that the socket calls too, reply. It
// decides nothing. Offered on the bus by a Connection; the objects below it are kept by Mirror. The
// contract is org.agentd.Agent1.xml.

#include "async/task_group.hpp"
#include "ipc/dbus/callers.hpp"
#include "ipc/dbus/connection.hpp"
#include "ipc/dbus/incoming.hpp"
#include "ipc/dbus/mirror.hpp"
#include "ipc/messages/agent_commands.hpp"

#include <chrono>
#include <deque>
#include <list>
#include <optional>
#include <unistd.h>

namespace ipc::dbus {

class Agent1 final : public BusUser {
  public:
    /// `allowed`: the only user that is served.
    Agent1(boost::asio::any_io_executor executor, AgentCommands& commands,
           uid_t allowed = ::geteuid());
    ~Agent1() override;

    /// Starts following the agent's events.
    void start();
    boost::asio::awaitable<void> attach(sd_bus* bus, BusLoop& loop) override;
    void detach() noexcept override;
    /// New calls are refused; true: those that run ended before `timeout`.
    boost::asio::awaitable<bool> drain(std::chrono::steady_clock::duration timeout);
    boost::asio::awaitable<void> stop();

  private:
    using CallPtr = std::shared_ptr<Incoming>;
    using Method = boost::asio::awaitable<agent::Status> (Agent1::*)(CallPtr call);
    template <Method method>
    static int entry(sd_bus_message* message, void* self, sd_bus_error* error) noexcept;
    static const sd_bus_vtable vtable[];

    int begin(sd_bus_message* message, Method method);
    boost::asio::awaitable<void> answer(CallPtr call, Method method);

    // adapters, in the order of the vtable: agent1_proxies.cpp, agent1_sessions.cpp,
    // agent1_login.cpp
    boost::asio::awaitable<agent::Status> connect(CallPtr call);
    boost::asio::awaitable<agent::Status> connect_fd(CallPtr call);
    boost::asio::awaitable<agent::Status> disconnect(CallPtr call);
    boost::asio::awaitable<agent::Status> list_proxies(CallPtr call);
    boost::asio::awaitable<agent::Status> why(CallPtr call);
    boost::asio::awaitable<agent::Status> authorize(CallPtr call);
    boost::asio::awaitable<agent::Status> list_targets(CallPtr call);
    boost::asio::awaitable<agent::Status> list_sessions(CallPtr call);
    boost::asio::awaitable<agent::Status> read_session(CallPtr call);
    boost::asio::awaitable<agent::Status> cancel_session(CallPtr call);
    boost::asio::awaitable<agent::Status> login(CallPtr call);

    // agent1_plain.hpp
    template <class Verb, auto... Results>
    boost::asio::awaitable<agent::Status> plain(CallPtr call);
    template <class Request>
    boost::asio::awaitable<agent::Result<Request>> plain_request(CallPtr call);

    // agent1_request.hpp
    template <class Request>
    boost::asio::awaitable<agent::Result<Request>>
    request_of(CallPtr call, const char* first = nullptr, Json fixed = Json::object());
    boost::asio::awaitable<agent::Status> list_of(CallPtr call, const char* resource);
    agent::Status reply_item(const Incoming& call, Json item);

    // agent1_login.cpp
    struct LoginObject;
    boost::asio::awaitable<void> run_login(LoginObject* object, Authenticate::Request request);

    // agent1_signals.cpp
    void signal_event(const Event& event);
    bool ends_now(const std::string& session);

    AgentCommands& commands_;
    uid_t allowed_;
    sd_bus* bus_ = nullptr;
    BusLoop* loop_ = nullptr;
    SlotPtr manager_;
    SlotPtr object_;
    std::optional<Callers> callers_;
    Mirror mirror_;
    std::list<LoginObject> logins_;
    std::uint64_t newest_login_ = 0;
    std::deque<std::string> ended_; ///< sessions whose end was told
    std::size_t running_ = 0;
    bool draining_ = false;
    agent::async::TaskGroup calls_;
    agent::async::TaskGroup followers_;
};

} // namespace ipc::dbus
