#include "agentd/notify.hpp"

#include "agentd/manager_socket.hpp"
#include "base/log.hpp"

#include <unistd.h>

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace agentd {

namespace {

using Patience = ManagerSocket::Patience;

std::string taken(const char* variable) {
    const char* value = std::getenv(variable);
    std::string text = value == nullptr ? "" : value;
    ::unsetenv(variable);
    return text;
}

std::optional<std::int64_t> number_in(const std::string& text) {
    std::int64_t number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (problem != std::errc() || end != text.data() + text.size() || number <= 0)
        return std::nullopt;
    return number;
}

/// A systemd before 254 does not say whether it keeps descriptors, only that it has started us.
bool started_by_systemd() {
    const char* pid = std::getenv("SYSTEMD_EXEC_PID");
    return pid != nullptr && number_in(pid) == ::getpid();
}

struct Manager {
    ManagerSocket socket{taken("NOTIFY_SOCKET")};
    bool keeps_descriptors = false;
    std::optional<std::chrono::microseconds> watchdog;

    Manager() {
        const auto period = number_in(taken("WATCHDOG_USEC"));
        const auto whom = number_in(taken("WATCHDOG_PID")).value_or(::getpid());
        if (period && whom == ::getpid()) watchdog = std::chrono::microseconds(*period);
        keeps_descriptors = number_in(taken("FDSTORE")).has_value() || started_by_systemd();
        if (!socket.address().empty() && !socket.trusted())
            agent::log::info("NOTIFY_SOCKET={} is nobody's whom one can be sure of: it hears "
                             "READY=1 and no more",
                             socket.address());
    }
};

Manager& manager() {
    static Manager one;
    return one;
}

/// A manager that does not listen is no reason to stop.
void notify(std::string_view state, Patience patience = Patience::a_second) {
    manager().socket.say(state, patience);
}

} // namespace

void meet_manager() {
    manager();
}

void notify_ready() {
    auto& socket = manager().socket;
    if (socket.trusted()) return notify("READY=1");
    socket.say_to_anybody("READY=1");
    socket.forget();
}

void notify_stopping() {
    notify("STOPPING=1");
}

void notify_alive() {
    notify("WATCHDOG=1", Patience::none);
}

bool notify_store(const std::string& name, int descriptor) {
    if (!manager().keeps_descriptors) return false;
    return manager().socket.say("FDSTORE=1\nFDNAME=" + name, Patience::a_second, descriptor);
}

void notify_forget(const std::string& name) {
    if (manager().keeps_descriptors) notify("FDSTOREREMOVE=1\nFDNAME=" + name);
}

std::optional<std::chrono::microseconds> watchdog_period() {
    return manager().watchdog;
}

} // namespace agentd
