// Callers against a bus that the test plays: many programs call, and how many of them are known at
// once is bounded.

#include "ipc/dbus/callers.hpp"

#include "ipc/dbus/limits.hpp"
#include "support/catch.hpp"
#include "unit/ipc/dbus/bus_ends.hpp"

#include <boost/asio/io_context.hpp>

#include <unistd.h>

#include <optional>
#include <tuple>

using namespace ipc::dbus;

namespace {

constexpr const char* error_name = "org.agentd.Error.LimitExceeded";

/// Both ends of one connection, driven by turns: no thread, no daemon.
struct PlayedBus {
    PlayedBus() {
        std::tie(bus, ours) = test::bus_ends();
        const auto count = [](sd_bus_message* message, void* self, sd_bus_error*) {
            auto& played = *static_cast<PlayedBus*>(self);
            played.limited += ::sd_bus_message_is_method_error(message, error_name) > 0;
            played.asked += ::sd_bus_message_is_method_call(message, "org.freedesktop.DBus",
                                                            "GetConnectionUnixUser") > 0;
            return ::sd_bus_message_is_method_call(message, "org.freedesktop.DBus", nullptr) > 0
                       ? 1
                       : 0; // unanswered
        };
        sd_bus_slot* slot = nullptr;
        REQUIRE(::sd_bus_add_filter(bus.get(), &slot, count, this) >= 0);
        counting.reset(slot);
        loop.emplace(context.get_executor(), ours.get());
        callers.emplace(ours.get(), *loop, ::geteuid(), [] {});
        turn();
    }
    /// Until neither end has anything to do.
    void turn() {
        for (int idle = 0; idle < 3;) {
            const int done =
                ::sd_bus_process(bus.get(), nullptr) + ::sd_bus_process(ours.get(), nullptr);
            idle = done > 0 ? 0 : idle + 1;
        }
    }
    void call_from(const std::string& sender) {
        sd_bus_message* made = nullptr;
        REQUIRE(::sd_bus_message_new_method_call(bus.get(), &made, nullptr, "/x", "org.example",
                                                 "Call") >= 0);
        const MessagePtr call(made);
        REQUIRE(::sd_bus_message_set_sender(made, sender.c_str()) >= 0);
        std::uint64_t cookie = 0; // without one the call would say that it wants no reply
        REQUIRE(::sd_bus_send(bus.get(), made, &cookie) >= 0);
        turn();
    }

    boost::asio::io_context context;
    BusPtr bus, ours;
    SlotPtr counting;
    std::optional<BusLoop> loop;
    std::optional<Callers> callers;
    std::size_t limited = 0; ///< calls that were refused for their number
    std::size_t asked = 0;   ///< callers whose user was asked for
};

} // namespace

TEST_CASE("callers: beyond so many at once the next one is refused, and takes no memory") {
    PlayedBus played;
    for (std::size_t i = 0; i < max_callers; ++i) played.call_from(":1." + std::to_string(i));
    CHECK(played.limited == 0);
    CHECK(played.asked == max_callers);
    for (std::size_t i = 0; i < 3; ++i) played.call_from(":2." + std::to_string(i));
    CHECK(played.limited == 3);
    CHECK(played.asked == max_callers);
    played.call_from(":1.0"); // who is known still is
    CHECK(played.limited == 3);
}
