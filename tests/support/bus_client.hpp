#pragma once
// BusClient: a plain blocking program on a bus that calls the agent.

#include "support/catch.hpp"

#include <systemd/sd-bus.h>

#include <memory>
#include <string>

namespace agent::test {

class BusClient {
  public:
    explicit BusClient(const std::string& address) {
        sd_bus* bus = nullptr;
        REQUIRE(::sd_bus_new(&bus) >= 0);
        bus_.reset(bus);
        REQUIRE(::sd_bus_set_address(bus, address.c_str()) >= 0);
        REQUIRE(::sd_bus_set_bus_client(bus, 1) >= 0);
        REQUIRE(::sd_bus_start(bus) >= 0);
    }
    sd_bus* bus() const { return bus_.get(); }

    struct Release {
        void operator()(sd_bus* bus) const { ::sd_bus_flush_close_unref(bus); }
        void operator()(sd_bus_message* message) const { ::sd_bus_message_unref(message); }
    };
    struct Answer {
        std::unique_ptr<sd_bus_message, Release> reply;
        std::string error; ///< its name; empty when there is none
        std::string text;
    };
    /// A method of org.agentd.Agent1; `types` and `values` as sd_bus_message_append takes them.
    template <class... Values>
    Answer call(const char* member, const char* types = "", Values... values) {
        sd_bus_message* call = nullptr;
        REQUIRE(::sd_bus_message_new_method_call(bus_.get(), &call, "org.agentd.Agent1",
                                                 "/org/agentd/Agent1", "org.agentd.Agent1",
                                                 member) >= 0);
        const std::unique_ptr<sd_bus_message, Release> owned(call);
        if (*types != '\0') REQUIRE(::sd_bus_message_append(call, types, values...) >= 0);
        Answer answer;
        sd_bus_error error{};
        sd_bus_message* reply = nullptr;
        constexpr std::uint64_t limit = 60'000'000; // µs
        if (::sd_bus_call(bus_.get(), call, limit, &error, &reply) < 0) {
            answer.error = error.name == nullptr ? "?" : error.name;
            answer.text = error.message == nullptr ? "" : error.message;
        }
        answer.reply.reset(reply);
        ::sd_bus_error_free(&error);
        return answer;
    }

  private:
    std::unique_ptr<sd_bus, Release> bus_;
};

} // namespace agent::test
