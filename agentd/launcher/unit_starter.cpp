#include "agentd/launcher/unit_starter.hpp"

#include "async/event.hpp"
#include "async/with_timeout.hpp"
#include "ipc/dbus/bus_error.hpp"
#include "ipc/dbus/bus_loop.hpp"
#include "ipc/dbus/connection.hpp"
#include "ipc/dbus/handles.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <optional>

namespace agentd {

using agent::awaitable;
using agent::Errc;
using agent::fail;
using agent::Hop;
using agent::Status;
using ipc::dbus::BusPtr;
using ipc::dbus::guarded;
using ipc::dbus::SlotPtr;

namespace {

constexpr const char* manager_name = "org.freedesktop.systemd1";
constexpr const char* manager_path = "/org/freedesktop/systemd1";
constexpr const char* manager_interface = "org.freedesktop.systemd1.Manager";

/// One start: StartUnit answers with a job, JobRemoved tells how that ended. Either may come first.
class StartJob {
  public:
    StartJob(boost::asio::any_io_executor executor, std::string unit)
        : unit_(std::move(unit)), ended_(executor) {}

    /// A negative errno when it cannot even be asked.
    int begin(sd_bus* bus) {
        const auto removed = [](sd_bus_message* signal, void* self, sd_bus_error* error) noexcept {
            return guarded(error, [&] { return static_cast<StartJob*>(self)->on_removed(signal); });
        };
        const auto replied = [](sd_bus_message* reply, void* self, sd_bus_error* error) noexcept {
            return guarded(error, [&] { return static_cast<StartJob*>(self)->on_reply(reply); });
        };
        sd_bus_slot* slot = nullptr;
        int done =
            ::sd_bus_match_signal_async(bus, &slot, manager_name, manager_path, manager_interface,
                                        "JobRemoved", removed, nullptr, this);
        if (done < 0) return done;
        removed_.reset(slot);
        slot = nullptr;
        done = ::sd_bus_call_method_async(bus, &slot, manager_name, manager_path, manager_interface,
                                          "StartUnit", replied, this, "ss", unit_.c_str(), "fail");
        if (done >= 0) reply_.reset(slot);
        return done;
    }

    awaitable<void> wait() {
        while (!outcome_) co_await ended_.wait();
    }

    std::optional<Status> outcome() const { return outcome_; }
    void end(Status outcome) {
        if (!outcome_) outcome_ = std::move(outcome);
        ended_.notify_all();
    }

  private:
    int on_reply(sd_bus_message* reply) {
        if (::sd_bus_message_is_method_error(reply, nullptr) > 0)
            end(fail(Errc::proxy_failed, Hop::local,
                     ipc::dbus::from_reply("start " + unit_, reply).message));
        return 0;
    }

    int on_removed(sd_bus_message* signal) {
        std::uint32_t id = 0;
        const char* job = nullptr;
        const char* unit = nullptr;
        const char* result = nullptr;
        if (::sd_bus_message_read(signal, "uoss", &id, &job, &unit, &result) < 0 || unit_ != unit)
            return 0;
        if (std::string_view(result) == "done")
            end(Status());
        else
            end(fail(Errc::proxy_failed, Hop::local,
                     "systemd could not start " + unit_ + ": " + result,
                     "journalctl --user -u " + unit_ + " says why"));
        return 0;
    }

    std::string unit_; ///< nobody else starts it: its name is ours alone
    std::optional<Status> outcome_;
    agent::async::Event ended_;
    SlotPtr removed_;
    SlotPtr reply_;
};

awaitable<void> run_bus(ipc::dbus::BusLoop& loop, StartJob& job) {
    const int lost = co_await loop.run();
    job.end(fail(Errc::proxy_failed, Hop::local,
                 ipc::dbus::from_sd_bus("the session bus", -lost).message));
}

awaitable<void> wait_for(StartJob& job, ipc::dbus::BusLoop& loop) {
    using namespace boost::asio::experimental::awaitable_operators;
    co_await (job.wait() || run_bus(loop, job));
}

} // namespace

awaitable<Status> start_unit(boost::asio::any_io_executor executor, std::string unit,
                             std::chrono::steady_clock::duration limit) {
    Status last =
        fail(Errc::proxy_failed, Hop::local, "there is no session bus to ask systemd over");
    for (const auto& address : ipc::dbus::session_addresses()) {
        sd_bus* made = nullptr;
        if (::sd_bus_new(&made) < 0) break;
        const BusPtr bus(made);
        int done = ::sd_bus_set_address(made, address.c_str());
        if (done >= 0) done = ::sd_bus_set_bus_client(made, 1);
        if (done >= 0) done = ::sd_bus_start(made);
        if (done < 0) {
            last =
                fail(Errc::proxy_failed, Hop::local, ipc::dbus::from_sd_bus(address, done).message);
            continue;
        }
        ipc::dbus::BusLoop loop(executor, made);
        StartJob job(executor, unit);
        done = job.begin(made);
        if (done < 0)
            co_return fail(Errc::proxy_failed, Hop::local,
                           ipc::dbus::from_sd_bus("StartUnit", done).message);
        const bool in_time = co_await agent::async::with_timeout(wait_for(job, loop), limit);
        if (!in_time)
            co_return fail(Errc::timed_out, Hop::local,
                           "systemd did not start " + unit + " in time");
        co_return *job.outcome();
    }
    co_return last;
}

} // namespace agentd
