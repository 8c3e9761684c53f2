#include "agentd/notifications/notifications.hpp"

#include "agentd/notifications/terminal.hpp"
#include "async/with_timeout.hpp"
#include "base/printable.hpp"
#include "ipc/dbus/bus_error.hpp"
#include "ipc/dbus/no_progress.hpp"
#include "model/event_kind.hpp"

#include <utility>

namespace agentd {

namespace log = agent::log;
using boost::asio::awaitable;
using ipc::dbus::guarded;
using namespace std::chrono_literals;

namespace {

constexpr const char* server = "org.freedesktop.Notifications";
constexpr const char* server_path = "/org/freedesktop/Notifications";
constexpr std::size_t max_open = 64;
constexpr std::size_t max_kept = 16;
constexpr std::uint8_t urgency_normal = 1;

/// Some servers read the body as markup: nothing that the agent says is.
std::string plain(std::string text) {
    for (std::size_t at = 0; (at = text.find_first_of("<>&", at)) != std::string::npos;) {
        const std::string_view stands_in = text[at] == '<' ? "‹" : text[at] == '>' ? "›" : "＆";
        text.replace(at, 1, stands_in);
        at += stands_in.size();
    }
    return text;
}

} // namespace

struct Notifications::Asked {
    Notifications* all;
    Notice notice;
    ipc::dbus::SlotPtr slot;
    bool settled = false; ///< nobody needs to be told any more
};

Notifications::Notifications(boost::asio::any_io_executor executor, ipc::AgentCommands& commands,
                             Options options)
    : commands_(commands), options_(std::move(options)), tasks_(executor) {}

Notifications::~Notifications() = default;

void Notifications::start() {
    tasks_.spawn_lasting([this] { return watch_events(); }, "notifications");
}

awaitable<void> Notifications::stop() {
    co_await tasks_.stop();
}

awaitable<void> Notifications::attach(sd_bus* bus, ipc::dbus::BusLoop& loop) {
    bus_ = bus;
    loop_ = &loop;
    const auto on_action = [](sd_bus_message* message, void* self, sd_bus_error* error) noexcept {
        return guarded(error, [&] {
            std::uint32_t id = 0;
            const char* action = nullptr;
            if (::sd_bus_message_read(message, "us", &id, &action) >= 0)
                static_cast<Notifications*>(self)->pressed(id, action);
            return 0;
        });
    };
    const auto on_closed = [](sd_bus_message* message, void* self, sd_bus_error* error) noexcept {
        return guarded(error, [&] {
            std::uint32_t id = 0;
            if (::sd_bus_message_read(message, "u", &id) >= 0)
                static_cast<Notifications*>(self)->open_.erase(id);
            return 0;
        });
    };
    sd_bus_slot* slot = nullptr;
    if (::sd_bus_match_signal_async(bus, &slot, server, server_path, server, "ActionInvoked",
                                    on_action, nullptr, this) >= 0)
        action_invoked_.reset(slot);
    slot = nullptr;
    if (::sd_bus_match_signal_async(bus, &slot, server, server_path, server, "NotificationClosed",
                                    on_closed, nullptr, this) >= 0)
        closed_.reset(slot);
    const auto on_server = [](sd_bus_message* message, void* self, sd_bus_error* error) noexcept {
        return guarded(error, [&] {
            const char *name = "", *before = "", *after = "";
            const bool read = ::sd_bus_message_read(message, "sss", &name, &before, &after) >= 0;
            if (read && *after != '\0') static_cast<Notifications*>(self)->show_kept();
            return 0;
        });
    };
    slot = nullptr;
    if (::sd_bus_add_match_async(
            bus, &slot,
            "type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',"
            "arg0='org.freedesktop.Notifications'",
            on_server, nullptr, this) >= 0)
        server_came_.reset(slot);
    show_kept();
    co_return;
}

void Notifications::detach() noexcept {
    action_invoked_.reset();
    closed_.reset();
    server_came_.reset();
    asked_.clear();
    open_.clear();
    loop_ = nullptr;
    bus_ = nullptr;
}

awaitable<void> Notifications::watch_events() {
    ipc::dbus::EachReply<ipc::Watch> each(
        [this](ipc::Watch::Response reply) { take(reply.event); });
    for (;;) {
        const auto ended = co_await commands_.handle(ipc::Watch::Request(), each);
        if (!ended) log::warning("notifications: watching events: {}", ended.error().message);
        co_await agent::async::sleep_for(1s);
    }
}

void Notifications::take(const ipc::Event& event) {
    const auto settled = [&](const Notice& one) { // without us
        return event.kind == name_of(agent::model::EventKind::login) &&
               one.cause == Notice::Cause::login_needed &&
               event.message.find(one.about) != std::string::npos;
    };
    std::erase_if(kept_, settled);
    for (auto& asked : asked_) asked.settled = asked.settled || settled(asked.notice);
    auto notice = notices_.take(event, Notices::Clock::now());
    if (!notice || !options_.enabled()) return;
    if (bus_ != nullptr)
        show(std::move(*notice));
    else
        keep(std::move(*notice));
}

void Notifications::keep(Notice notice) {
    if (kept_.size() == max_kept) kept_.pop_front();
    kept_.push_back(std::move(notice));
}

void Notifications::show_kept() {
    for (auto& notice : std::exchange(kept_, {})) show(std::move(notice));
}

void Notifications::show(Notice notice) {
    sd_bus_message* raw = nullptr;
    if (::sd_bus_message_new_method_call(bus_, &raw, server, server_path, server, "Notify") < 0)
        return;
    const ipc::dbus::MessagePtr call(raw);
    const std::string summary = agent::printable(notice.summary);
    const std::string body = plain(agent::printable(notice.body));
    constexpr std::uint32_t replaces_none = 0;
    int done = ::sd_bus_message_append(raw, "susss", "agentd", replaces_none, "network-vpn",
                                       summary.c_str(), body.c_str());
    if (done >= 0 && notice.action.empty())
        done = ::sd_bus_message_append(raw, "as", 0);
    else if (done >= 0)
        done = ::sd_bus_message_append(raw, "as", 2, notice.action.c_str(),
                                       notice.action_label.c_str());
    constexpr int servers_choice = -1;
    if (done >= 0)
        done = ::sd_bus_message_append(raw, "a{sv}i", 1, "urgency", "y", urgency_normal,
                                       servers_choice);
    if (done < 0 || asked_.size() >= max_open) return;

    const auto on_reply = [](sd_bus_message* reply, void* userdata, sd_bus_error* error) noexcept {
        return guarded(error, [&] {
            auto* one = static_cast<Asked*>(userdata);
            Notifications& all = *one->all;
            Notice told = std::move(one->notice);
            const bool settled = one->settled;
            all.asked_.remove_if([&](const Asked& asked) { return &asked == one; });
            std::uint32_t id = 0;
            const bool refused = ::sd_bus_message_is_method_error(reply, nullptr) > 0;
            if (refused && !settled) all.keep(std::move(told)); // nobody shows any yet
            if (!refused && ::sd_bus_message_read(reply, "u", &id) >= 0)
                all.shown(id, std::move(told));
            return 0;
        });
    };
    Asked& asked = asked_.emplace_back();
    asked.all = this;
    asked.notice = std::move(notice);
    sd_bus_slot* slot = nullptr;
    constexpr std::uint64_t usual_limit = 0;
    if (::sd_bus_call_async(bus_, &slot, raw, on_reply, &asked, usual_limit) < 0)
        asked_.pop_back();
    else
        asked.slot.reset(slot);
    loop_->wake();
}

void Notifications::shown(std::uint32_t id, Notice notice) {
    if (notice.action.empty()) return;
    if (open_.size() >= max_open) open_.erase(open_.begin());
    open_[id] = std::move(notice);
}

void Notifications::pressed(std::uint32_t id, const std::string& action) {
    const auto found = open_.find(id);
    if (found == open_.end() || found->second.action != action) return; // somebody else's
    Notice notice = std::move(found->second);
    open_.erase(found);
    tasks_.spawn(act(std::move(notice)), "notification's button");
}

awaitable<void> Notifications::act(Notice notice) {
    if (notice.action == "login") return log_in(std::move(notice));
    return reconnect(std::move(notice));
}

awaitable<void> Notifications::log_in(Notice notice) {
    std::vector<std::string> command{options_.agentctl, "login"};
    if (!notice.proxy.cluster.empty())
        command.insert(command.end(), {"-addr", notice.proxy.cluster});
    const bool opened = co_await open_terminal(std::move(command));
    if (opened || bus_ == nullptr) co_return;
    Notice advice;
    advice.summary = "Log in to Boundary";
    advice.body = "In a terminal: " + login_command(notice.proxy.cluster);
    show(std::move(advice));
}

// One that stayed gets a session by the verb for that; one that ended with its session is made
// again as it was: same name, same port.
awaitable<void> Notifications::reconnect(Notice notice) {
    agent::Status done;
    if (notice.proxy.persistent.value_or(false))
        done = co_await ask_reconnect(notice.proxy);
    else
        done = co_await connect_again(notice.proxy);
    if (done || bus_ == nullptr) co_return;
    Notice failed;
    failed.summary = notice.proxy.name + " could not be reconnected";
    failed.body = ipc::dbus::error_text(done.error());
    show(std::move(failed));
}

awaitable<agent::Status> Notifications::ask_reconnect(const ipc::Proxy& proxy) {
    ipc::Reconnect::Request request;
    request.name = proxy.name;
    ipc::dbus::NoProgress<ipc::Reconnect> none;
    const auto reconnected = co_await commands_.handle(std::move(request), none);
    if (!reconnected) co_return reconnected.error();
    co_return agent::Status();
}

awaitable<agent::Status> Notifications::connect_again(const ipc::Proxy& proxy) {
    ipc::Connect::Request request;
    request.cluster.emplace().address = proxy.cluster;
    request.target = proxy.target_id;
    request.name = proxy.name;
    if (!proxy.host_id.empty()) request.host_id = proxy.host_id;
    if (!proxy.address.empty()) request.listen_address = proxy.address;
    if (proxy.port > 0) request.listen_port = proxy.port;
    ipc::dbus::NoProgress<ipc::Connect> none;
    const auto connected = co_await commands_.handle(std::move(request), none);
    if (!connected) co_return connected.error();
    co_return agent::Status();
}

} // namespace agentd
