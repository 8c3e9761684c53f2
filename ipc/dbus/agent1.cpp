#include "ipc/dbus/agent1_login.hpp"
#include "ipc/dbus/agent1_plain.hpp"

#include "async/caught.hpp"
#include "async/with_timeout.hpp"
#include "base/scope_exit.hpp"
#include "ipc/dbus/limits.hpp"

namespace ipc::dbus {

namespace asio = boost::asio;
using agent::Errc;
using agent::fail;
using agent::Hop;
using agent::Status;
using asio::awaitable;

namespace {
constexpr std::uint64_t unprivileged = SD_BUS_VTABLE_UNPRIVILEGED;
}

// Everybody who gets through Callers is the agent's own user, so no method asks for more.
const sd_bus_vtable Agent1::vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD_WITH_ARGS("Connect", SD_BUS_ARGS("s", target, "a{sv}", options),
                            SD_BUS_RESULT("o", proxy, "a{sv}", properties),
                            &entry<&Agent1::connect>, unprivileged),
    SD_BUS_METHOD_WITH_ARGS("ConnectFd", SD_BUS_ARGS("s", name), SD_BUS_RESULT("h", connection),
                            &entry<&Agent1::connect_fd>, unprivileged),
    SD_BUS_METHOD_WITH_ARGS("Disconnect", SD_BUS_ARGS("s", name),
                            SD_BUS_RESULT("b", session_canceled), &entry<&Agent1::disconnect>,
                            unprivileged),
    SD_BUS_METHOD_WITH_ARGS("ListProxies", SD_BUS_NO_ARGS, SD_BUS_RESULT("a{oa{sv}}", proxies),
                            &entry<&Agent1::list_proxies>, unprivileged),
    SD_BUS_METHOD_WITH_ARGS(
        "Why", SD_BUS_ARGS("s", name),
        SD_BUS_RESULT("s", state, "s", hop, "s", explanation, "s", next_step, "as", history),
        &entry<&Agent1::why>, unprivileged),
    SD_BUS_METHOD_WITH_ARGS("Authorize", SD_BUS_ARGS("s", target, "a{sv}", options),
                            SD_BUS_RESULT("s", session_id, "s", session, "h", secrets),
                            &entry<&Agent1::authorize>, unprivileged),
    SD_BUS_METHOD_WITH_ARGS("ListTargets", SD_BUS_ARGS("a{sv}", options),
                            SD_BUS_RESULT("as", targets), &entry<&Agent1::list_targets>,
                            unprivileged),
    SD_BUS_METHOD_WITH_ARGS("ListSessions", SD_BUS_ARGS("a{sv}", options),
                            SD_BUS_RESULT("as", sessions), &entry<&Agent1::list_sessions>,
                            unprivileged),
    SD_BUS_METHOD_WITH_ARGS("ReadSession", SD_BUS_ARGS("s", id, "a{sv}", options),
                            SD_BUS_RESULT("s", session), &entry<&Agent1::read_session>,
                            unprivileged),
    SD_BUS_METHOD_WITH_ARGS("CancelSession", SD_BUS_ARGS("s", id, "a{sv}", options),
                            SD_BUS_RESULT("s", session), &entry<&Agent1::cancel_session>,
                            unprivileged),
    SD_BUS_METHOD_WITH_ARGS("Login", SD_BUS_ARGS("s", login_name, "a{sv}", options),
                            SD_BUS_RESULT("o", login), &entry<&Agent1::login>, unprivileged),
#include "ipc/dbus/plain_methods.inc"
    SD_BUS_SIGNAL_WITH_ARGS("SessionEnded", SD_BUS_ARGS("o", proxy, "s", session_id, "s", reason),
                            0),
    SD_BUS_SIGNAL_WITH_ARGS("ExpiryNear", SD_BUS_ARGS("o", proxy, "s", session_id, "s", expiration),
                            0),
    SD_BUS_SIGNAL_WITH_ARGS("PortBlocked", SD_BUS_ARGS("o", proxy, "s", reason), 0),
    SD_BUS_SIGNAL_WITH_ARGS("LoginNeeded", SD_BUS_ARGS("s", cluster, "s", reason), 0),
    SD_BUS_VTABLE_END,
};

template <Agent1::Method method>
int Agent1::entry(sd_bus_message* message, void* self, sd_bus_error* error) noexcept {
    return guarded(error, [&] { return static_cast<Agent1*>(self)->begin(message, method); });
}

// The answer is sent when it is there; 1 tells sd-bus that somebody takes care of it.
int Agent1::begin(sd_bus_message* message, Method method) {
    const char* sender = ::sd_bus_message_get_sender(message);
    auto place = callers_->place_for(sender == nullptr ? "" : sender, max_calls_of_one);
    const bool full = place.empty() || running_ >= max_calls;
    auto call = std::make_shared<Incoming>(keep(message), std::move(place));
    if (draining_)
        call->send_error(fail(Errc::agent_unreachable, Hop::agent, "the agent is ending",
                              "call again in a moment"));
    else if (full)
        call->send_error(fail(Errc::limit_exceeded, Hop::limit, "too many calls at once",
                              "wait for earlier answers"));
    else
        calls_.spawn(answer(std::move(call), method), "d-bus call");
    return 1;
}

awaitable<void> Agent1::answer(CallPtr call, Method method) {
    ++running_;
    const agent::ScopeExit counted([this] { --running_; });
    Status done;
    try {
        done = co_await (this->*method)(call);
    } catch (...) {
        agent::Error error = agent::async::caught();
        if (error.code == Errc::internal) error.hint = "this is a bug in agentd; its log says more";
        done = std::move(error);
        agent::log::error("d-bus call {} failed: {}", ::sd_bus_message_get_member(call->message()),
                          done.error().message);
    }
    if (!done) call->send_error(done.error());
    if (loop_ != nullptr) loop_->wake();
}

Agent1::Agent1(asio::any_io_executor executor, AgentCommands& commands, uid_t allowed)
    : commands_(commands), allowed_(allowed), mirror_(executor, commands), calls_(executor),
      followers_(executor) {
    mirror_.on_event = [this](const Event& event) { signal_event(event); };
}

Agent1::~Agent1() = default;

void Agent1::start() {
    followers_.spawn_lasting([this] { return mirror_.watch_events(); }, "d-bus events");
    followers_.spawn_lasting([this] { return mirror_.keep_up(); }, "d-bus objects");
}

awaitable<void> Agent1::attach(sd_bus* bus, BusLoop& loop) {
    bus_ = bus;
    loop_ = &loop;
    callers_.emplace(bus, loop, allowed_,
                     [this] { mirror_.set_listened(callers_ && callers_->anyone()); });
    sd_bus_slot* slot = nullptr;
    int done = ::sd_bus_add_object_manager(bus, &slot, root_path);
    manager_.reset(slot);
    if (done >= 0) {
        slot = nullptr;
        done = ::sd_bus_add_object_vtable(bus, &slot, root_path, root_interface, vtable, this);
        object_.reset(slot);
    }
    if (done < 0) throw agent::ErrorException(from_sd_bus("add the object to the bus", done));
    co_await mirror_.attach(bus, loop);
}

void Agent1::detach() noexcept {
    for (auto& login : logins_) login.exported.reset();
    mirror_.detach();
    object_.reset();
    manager_.reset();
    callers_.reset();
    loop_ = nullptr;
    bus_ = nullptr;
}

awaitable<bool> Agent1::drain(std::chrono::steady_clock::duration timeout) {
    draining_ = true;
    co_return co_await agent::async::with_timeout(calls_.drain(), timeout);
}

awaitable<void> Agent1::stop() {
    draining_ = true;
    co_await calls_.stop();
    co_await followers_.stop();
}

} // namespace ipc::dbus
