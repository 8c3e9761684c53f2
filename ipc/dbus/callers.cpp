#include "ipc/dbus/callers.hpp"

#include "ipc/dbus/bus_error.hpp"
#include "ipc/dbus/limits.hpp"

namespace ipc::dbus {

namespace log = agent::log;
using agent::Errc;
using agent::Hop;

namespace {

bool is_call(sd_bus_message* message) {
    std::uint8_t type = 0;
    return ::sd_bus_message_get_type(message, &type) >= 0 && type == SD_BUS_MESSAGE_METHOD_CALL;
}

} // namespace

Callers::Callers(sd_bus* bus, BusLoop& loop, uid_t allowed, std::function<void()> on_change)
    : bus_(bus), loop_(loop), allowed_(allowed), on_change_(std::move(on_change)) {
    const auto on_message = [](sd_bus_message* message, void* self, sd_bus_error* error) noexcept {
        return guarded(error, [&] { return static_cast<Callers*>(self)->filter(message); });
    };
    sd_bus_slot* slot = nullptr;
    const int added = ::sd_bus_add_filter(bus, &slot, on_message, this);
    if (added < 0) throw agent::ErrorException(from_sd_bus("sd_bus_add_filter", added));
    filter_.reset(slot);
}

// 0: goes on to the objects. 1: answered or held here.
int Callers::filter(sd_bus_message* message) {
    if (!is_call(message)) return 0;
    const char* sender = ::sd_bus_message_get_sender(message);
    if (sender == nullptr)
        return 0; // a socket of its own without a bus: whoever opened it chose the peer
    const auto known = callers_.find(std::string_view(sender));
    Caller* caller = known != callers_.end() ? &known->second : admit(sender);
    if (caller == nullptr) {
        refuse(message, agent::fail(Errc::limit_exceeded, Hop::limit, "too many callers"));
        return 1;
    }
    switch (caller->standing) {
    case Standing::allowed:
        return 0;
    case Standing::refused:
        refuse(message, agent::fail(Errc::permission_denied, Hop::agent,
                                    "the agent belongs to another user"));
        return 1;
    case Standing::asked:
        return hold(*caller, message);
    }
    return 0;
}

int Callers::hold(Caller& caller, sd_bus_message* message) {
    if (caller.held.size() < max_held)
        caller.held.push_back(keep(message));
    else
        refuse(message, agent::fail(Errc::limit_exceeded, Hop::limit, "too many calls at once"));
    return 1;
}

// The match for its end goes out before the question for its user, so that an end in between is not
// missed.
Callers::Caller* Callers::admit(std::string_view sender) {
    if (callers_.size() >= max_callers) return nullptr;
    Caller& caller = callers_[std::string(sender)];
    caller.all = this;
    caller.name = sender;
    const auto on_gone = [](sd_bus_message*, void* userdata, sd_bus_error* error) noexcept {
        auto* one = static_cast<Caller*>(userdata);
        return guarded(error, [&] {
            one->all->forget(std::string(one->name));
            return 0;
        });
    };
    const auto on_user = [](sd_bus_message* reply, void* userdata, sd_bus_error* error) noexcept {
        auto* one = static_cast<Caller*>(userdata);
        return guarded(error, [&] {
            one->all->answered(*one, reply);
            return 0;
        });
    };
    const std::string match =
        "type='signal',sender='org.freedesktop.DBus',path='/org/freedesktop/DBus',"
        "interface='org.freedesktop.DBus',member='NameOwnerChanged',arg0='" +
        caller.name + "',arg2=''";
    sd_bus_slot* slot = nullptr;
    int done = ::sd_bus_add_match_async(bus_, &slot, match.c_str(), on_gone, nullptr, &caller);
    caller.gone.reset(slot);
    slot = nullptr;
    if (done >= 0)
        done = ::sd_bus_call_method_async(
            bus_, &slot, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
            "GetConnectionUnixUser", on_user, &caller, "s", caller.name.c_str());
    caller.query.reset(slot);
    if (done < 0) {
        callers_.erase(caller.name);
        return nullptr;
    }
    if (callers_.size() == 1) on_change_();
    return &caller;
}

void Callers::answered(Caller& caller, sd_bus_message* reply) {
    std::uint32_t uid = 0;
    if (::sd_bus_message_is_method_error(reply, nullptr) > 0 ||
        ::sd_bus_message_read(reply, "u", &uid) < 0)
        return forget(std::string(caller.name)); // it has gone, or nobody can say whose it is
    const auto held = std::move(caller.held);
    caller.held.clear();
    caller.standing = uid == allowed_ ? Standing::allowed : Standing::refused;
    if (caller.standing == Standing::refused)
        log::warning("d-bus: refused a caller of uid={}", uid);
    for (const auto& message : held) { // through the filter again, in their order
        if (caller.standing == Standing::allowed)
            ::sd_bus_enqueue_for_read(bus_, message.get());
        else
            filter(message.get());
    }
    loop_.wake();
}

void Callers::refuse(sd_bus_message* message, const agent::Error& error) {
    sd_bus_error text{};
    set_error(&text, error);
    ::sd_bus_reply_method_error(message, &text);
    ::sd_bus_error_free(&text);
}

void Callers::forget(const std::string& name) {
    callers_.erase(name);
    if (callers_.empty()) on_change_();
}

Callers::Place Callers::place_for(std::string_view sender, std::size_t limit) {
    const auto known = callers_.find(sender);
    if (known == callers_.end())
        return Place(std::make_shared<std::size_t>(0)); // not from a bus, or just gone
    if (*known->second.calls >= limit) return Place();
    return Place(known->second.calls);
}

} // namespace ipc::dbus
