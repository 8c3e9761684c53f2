#pragma once
// NotificationServer: org.freedesktop.Notifications on a test's bus. Remembers what it was asked to
// show, and presses buttons. Does its part of the work while the test waits in pump_until().

#include "support/bus_client.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace agent::test {

class NotificationServer {
  public:
    struct Note {
        std::uint32_t id = 0;
        std::string summary;
        std::string body;
        std::vector<std::string> actions; ///< key, label, key, label …
    };

    explicit NotificationServer(const std::string& address) : client_(address) {
        static const sd_bus_vtable vtable[] = {
            SD_BUS_VTABLE_START(0),
            SD_BUS_METHOD("Notify", "susssasa{sv}i", "u", &NotificationServer::notify,
                          SD_BUS_VTABLE_UNPRIVILEGED),
            SD_BUS_SIGNAL("ActionInvoked", "us", 0),
            SD_BUS_SIGNAL("NotificationClosed", "uu", 0),
            SD_BUS_VTABLE_END,
        };
        REQUIRE(::sd_bus_add_object_vtable(client_.bus(), nullptr, path, name, vtable, this) >= 0);
        REQUIRE(::sd_bus_request_name(client_.bus(), name, 0) >= 0);
    }

    std::vector<Note> notes;

    void press(std::uint32_t id, const std::string& action) {
        REQUIRE(::sd_bus_emit_signal(client_.bus(), path, name, "ActionInvoked", "us", id,
                                     action.c_str()) >= 0);
        REQUIRE(::sd_bus_emit_signal(client_.bus(), path, name, "NotificationClosed", "uu", id,
                                     2) >= 0);
        ::sd_bus_flush(client_.bus());
    }
    template <class Enough>
    bool pump_until(Enough enough, std::chrono::milliseconds limit = std::chrono::seconds(20)) {
        const auto end = std::chrono::steady_clock::now() + limit;
        while (!enough()) {
            if (std::chrono::steady_clock::now() > end) return false;
            constexpr std::uint64_t step = 20'000; // µs
            if (::sd_bus_process(client_.bus(), nullptr) == 0) ::sd_bus_wait(client_.bus(), step);
        }
        return true;
    }

  private:
    static constexpr const char* name = "org.freedesktop.Notifications";
    static constexpr const char* path = "/org/freedesktop/Notifications";

    static int notify(sd_bus_message* message, void* userdata, sd_bus_error*) {
        auto& self = *static_cast<NotificationServer*>(userdata);
        const char* program = nullptr;
        const char* icon = nullptr;
        const char* summary = nullptr;
        const char* body = nullptr;
        std::uint32_t replaces = 0;
        int done =
            ::sd_bus_message_read(message, "susss", &program, &replaces, &icon, &summary, &body);
        if (done < 0) return done;
        Note note;
        note.id = static_cast<std::uint32_t>(self.notes.size()) + 1;
        note.summary = summary;
        note.body = body;
        done = ::sd_bus_message_enter_container(message, 'a', "s");
        const char* action = nullptr;
        while (done >= 0 && (done = ::sd_bus_message_read(message, "s", &action)) > 0)
            note.actions.emplace_back(action);
        self.notes.push_back(note);
        return ::sd_bus_reply_method_return(message, "u", note.id);
    }

    BusClient client_;
};

} // namespace agent::test
