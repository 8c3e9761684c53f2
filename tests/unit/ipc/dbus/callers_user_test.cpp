// Whose calls are let through: a caller that is new waits until the bus has said whose it is, and
// only our own user's go on.

#include "ipc/dbus/callers.hpp"

#include "ipc/dbus/limits.hpp"
#include "support/catch.hpp"
#include "unit/ipc/dbus/bus_ends.hpp"

#include <boost/asio/io_context.hpp>

#include <map>
#include <unistd.h>

#include <optional>
#include <tuple>

using namespace ipc::dbus;

namespace {

/// A bus that the test plays, driven by turns; it answers whose a caller is when it is told to.
struct UserBus {
    UserBus() {
        std::tie(bus, ours) = test::bus_ends();
        const auto on_bus = [](sd_bus_message* message, void* self, sd_bus_error*) noexcept {
            return static_cast<UserBus*>(self)->hear(message);
        };
        sd_bus_slot* slot = nullptr;
        REQUIRE(::sd_bus_add_filter(bus.get(), &slot, on_bus, this) >= 0);
        bus_slot.reset(slot);
        loop.emplace(context.get_executor(), ours.get());
        callers.emplace(ours.get(), *loop, ::geteuid(), [this] { ++changes; });
        // What Callers lets through comes here, as it would come to the objects.
        const auto on_call = [](sd_bus_message* message, void* self, sd_bus_error*) noexcept {
            if (::sd_bus_message_is_method_call(message, "org.example", "Call") <= 0) return 0;
            ++static_cast<UserBus*>(self)->served[::sd_bus_message_get_sender(message)];
            return 1;
        };
        REQUIRE(::sd_bus_add_object(ours.get(), &slot, "/x", on_call, this) >= 0);
        object_slot.reset(slot);
        turn();
    }
    int hear(sd_bus_message* message) {
        if (::sd_bus_message_is_method_error(message, nullptr) > 0)
            ++refused[::sd_bus_message_get_error(message)->name];
        const bool asks = ::sd_bus_message_is_method_call(message, "org.freedesktop.DBus",
                                                          "GetConnectionUnixUser") > 0;
        if (asks) {
            const char* name = nullptr;
            ::sd_bus_message_read(message, "s", &name);
            questions[name] = keep(message);
        }
        return ::sd_bus_message_is_method_call(message, "org.freedesktop.DBus", nullptr) > 0 ? 1
                                                                                             : 0;
    }
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
        std::uint64_t cookie = 0;
        REQUIRE(::sd_bus_send(bus.get(), made, &cookie) >= 0);
        turn();
    }
    void say_user(const std::string& name, std::uint32_t uid) {
        REQUIRE(questions.contains(name));
        REQUIRE(::sd_bus_reply_method_return(questions.at(name).get(), "u", uid) >= 0);
        questions.erase(name);
        turn();
    }
    void say_gone(const std::string& name) {
        REQUIRE(questions.contains(name));
        REQUIRE(::sd_bus_reply_method_errorf(questions.at(name).get(),
                                             "org.freedesktop.DBus.Error.NameHasNoOwner",
                                             "it has gone") >= 0);
        questions.erase(name);
        turn();
    }

    boost::asio::io_context context;
    BusPtr bus, ours;
    SlotPtr bus_slot, object_slot;
    std::map<std::string, MessagePtr> questions; ///< whose is it?
    std::optional<BusLoop> loop;
    std::optional<Callers> callers;
    std::map<std::string, int> served;  ///< by caller
    std::map<std::string, int> refused; ///< by the error's name
    int changes = 0;
};

constexpr const char* denied = "org.agentd.Error.PermissionDenied";
constexpr const char* limited = "org.agentd.Error.LimitExceeded";

} // namespace

TEST_CASE("callers: nothing of a caller is served before the bus has said whose it is, and then "
          "everything, in its order") {
    UserBus played;
    for (int i = 0; i < 5; ++i) played.call_from(":1.7");
    CHECK(played.served.empty());
    CHECK(played.refused.empty());
    CHECK(played.questions.size() == 1); // asked once
    played.say_user(":1.7", ::geteuid());
    CHECK(played.served[":1.7"] == 5);
    played.call_from(":1.7");
    CHECK(played.served[":1.7"] == 6);
    CHECK(played.refused.empty());
}

TEST_CASE("callers: another user's calls are refused, those that waited and every later one") {
    UserBus played;
    for (int i = 0; i < 3; ++i) played.call_from(":1.7");
    played.say_user(":1.7", ::geteuid() + 1);
    played.call_from(":1.7");
    CHECK(played.served.empty());
    CHECK(played.refused[denied] == 4);
    played.call_from(":1.8"); // somebody else is asked for anew
    played.say_user(":1.8", ::geteuid());
    CHECK(played.served[":1.8"] == 1);
    CHECK(played.served.size() == 1);
}

TEST_CASE("callers: whoever the bus does not know is served nothing, and may come again") {
    UserBus played;
    played.call_from(":1.7");
    played.say_gone(":1.7");
    CHECK(played.served.empty());
    CHECK_FALSE(played.callers->anyone());
    played.call_from(":1.7");
    CHECK(played.questions.size() == 1);
    played.say_user(":1.7", ::geteuid());
    CHECK(played.served[":1.7"] >= 1);
}

TEST_CASE("callers: of one that is not known yet only so many calls wait") {
    UserBus played;
    for (std::size_t i = 0; i < max_held + 10; ++i) played.call_from(":1.7");
    CHECK(played.refused[limited] == 10);
    played.say_user(":1.7", ::geteuid());
    CHECK(played.served[":1.7"] == static_cast<int>(max_held));
}

TEST_CASE("callers: the first that comes is told, not every one") {
    UserBus played;
    CHECK_FALSE(played.callers->anyone());
    played.call_from(":1.1");
    CHECK(played.callers->anyone());
    CHECK(played.changes == 1);
    played.call_from(":1.2");
    CHECK(played.changes == 1);
    played.say_gone(":1.1");
    CHECK(played.changes == 1);
    played.say_gone(":1.2");
    CHECK(played.changes == 2); // the last has gone
    CHECK_FALSE(played.callers->anyone());
}

TEST_CASE("callers: of one caller only so many calls are answered at once, and one that is done "
          "makes room") {
    UserBus played;
    played.call_from(":1.7");
    played.say_user(":1.7", ::geteuid());
    {
        std::vector<Callers::Place> places;
        for (int i = 0; i < 3; ++i) places.push_back(played.callers->place_for(":1.7", 3));
        for (const auto& place : places) CHECK_FALSE(place.empty());
        CHECK(played.callers->place_for(":1.7", 3).empty());
        places.pop_back();
        CHECK_FALSE(played.callers->place_for(":1.7", 3).empty());
        CHECK_FALSE(played.callers->place_for("not a caller", 3).empty());
    }
    CHECK_FALSE(played.callers->place_for(":1.7", 1).empty());
}
