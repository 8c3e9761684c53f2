#pragma once
// Callers: who calls us over the bus. A message of a sender that is new is held back until the bus
// has said which user it runs as, without waiting for the answer: only our own user is served.
// Whoever has called and is still on the bus counts as listening, so that byte counts are told to
// somebody. Used by Agent1.

#include "base/result.hpp"
#include "ipc/dbus/bus_loop.hpp"
#include "ipc/dbus/handles.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace ipc::dbus {

class Callers {
  public:
    /// `on_change`: the first listener has come, or the last has gone.
    Callers(sd_bus* bus, BusLoop& loop, uid_t allowed, std::function<void()> on_change);
    Callers(const Callers&) = delete;
    Callers& operator=(const Callers&) = delete;

    bool anyone() const { return !callers_.empty(); }

    /// Counts a call of `sender` while it is being answered; empty() when it has too many.
    class Place {
      public:
        Place() = default;
        explicit Place(std::shared_ptr<std::size_t> calls) : calls_(std::move(calls)) { ++*calls_; }
        Place(Place&&) noexcept = default;
        Place& operator=(Place&&) = delete;
        ~Place() {
            if (calls_) --*calls_;
        }
        bool empty() const { return !calls_; }

      private:
        std::shared_ptr<std::size_t> calls_;
    };
    Place place_for(std::string_view sender, std::size_t limit);

  private:
    enum class Standing : std::uint8_t { asked, allowed, refused };
    struct Caller {
        Callers* all = nullptr;
        std::string name;
        Standing standing = Standing::asked;
        std::vector<MessagePtr> held;
        std::shared_ptr<std::size_t> calls = std::make_shared<std::size_t>(0);
        SlotPtr query;
        SlotPtr gone;
    };
    int filter(sd_bus_message* message);
    int hold(Caller& caller, sd_bus_message* message);
    Caller* admit(std::string_view sender);
    void answered(Caller& caller, sd_bus_message* reply);
    void refuse(sd_bus_message* message, const agent::Error& error);
    void forget(const std::string& name);

    sd_bus* bus_;
    BusLoop& loop_;
    uid_t allowed_;
    std::function<void()> on_change_;
    std::map<std::string, Caller, std::less<>> callers_;
    SlotPtr filter_;
};

} // namespace ipc::dbus
