#pragma once
// Incoming: one method call on its way to its answer. Owns the message and its place among the
// calls in flight; the answer may come long after sd_bus_process has returned. Used by Agent1.

#include "ipc/dbus/arguments.hpp"
#include "ipc/dbus/bus_error.hpp"
#include "ipc/dbus/callers.hpp"

#include <functional>
#include <memory>
#include <string>

namespace ipc::dbus {

class Incoming {
  public:
    Incoming(MessagePtr message, Callers::Place place)
        : message_(std::move(message)), place_(std::move(place)) {}

    sd_bus_message* message() const { return message_.get(); }

    /// An empty answer with room for results: append to it, then send().
    agent::Result<MessagePtr> new_reply() const {
        sd_bus_message* reply = nullptr;
        const int made = ::sd_bus_message_new_method_return(message_.get(), &reply);
        if (made < 0) return from_sd_bus("make an answer", made);
        return MessagePtr(reply);
    }
    /// `appended`: what the last append returned.
    static agent::Status send(MessagePtr reply, int appended) {
        if (appended < 0) return from_sd_bus("write the answer", appended);
        (void)::sd_bus_message_send(reply.get()); // a caller or a bus that has gone needs no answer
        return {};
    }
    void send_error(const agent::Error& error) const {
        sd_bus_error text{};
        set_error(&text, error);
        (void)::sd_bus_reply_method_error(message_.get(), &text);
        ::sd_bus_error_free(&text);
    }

  private:
    MessagePtr message_;
    Callers::Place place_;
};

} // namespace ipc::dbus
