#include "agentd/sleep_watch.hpp"

#include "async/with_timeout.hpp"
#include "base/log.hpp"
#include "ipc/dbus/bus_error.hpp"
#include "ipc/dbus/bus_loop.hpp"
#include "ipc/dbus/handles.hpp"

#include <boost/asio/this_coro.hpp>

#include <cstdlib>
#include <string>

namespace agentd {

using agent::awaitable;
using ipc::dbus::BusPtr;
using ipc::dbus::guarded;
using ipc::dbus::SlotPtr;
using namespace std::chrono_literals;

namespace {

constexpr auto look_again = 60s; // for a bus that is not there
using Woken = std::function<void()>;

std::string system_bus() {
    const char* address = std::getenv("DBUS_SYSTEM_BUS_ADDRESS");
    return address == nullptr || *address == '\0' ? "unix:path=/run/dbus/system_bus_socket"
                                                  : address;
}

int on_prepare_for_sleep(sd_bus_message* signal, void* woken, sd_bus_error* error) noexcept {
    return guarded(error, [&] {
        int begins = 0;
        if (::sd_bus_message_read(signal, "b", &begins) >= 0 && begins == 0)
            (*static_cast<Woken*>(woken))();
        return 0;
    });
}

int listen_to_logind(sd_bus* bus, SlotPtr& match, Woken& woken) {
    int done = ::sd_bus_set_address(bus, system_bus().c_str());
    if (done >= 0) done = ::sd_bus_set_bus_client(bus, 1);
    if (done >= 0) done = ::sd_bus_start(bus);
    if (done < 0) return done;
    sd_bus_slot* slot = nullptr;
    done = ::sd_bus_match_signal_async(bus, &slot, "org.freedesktop.login1",
                                       "/org/freedesktop/login1", "org.freedesktop.login1.Manager",
                                       "PrepareForSleep", on_prepare_for_sleep, nullptr, &woken);
    if (done >= 0) match.reset(slot);
    return done;
}

} // namespace

awaitable<void> watch_sleep(boost::asio::any_io_executor executor, Woken woken) {
    for (bool told = false;;) {
        sd_bus* made = nullptr;
        if (::sd_bus_new(&made) < 0) co_return;
        const BusPtr bus(made);
        SlotPtr match;
        int lost = -listen_to_logind(made, match, woken);
        if (lost <= 0) {
            ipc::dbus::BusLoop loop(executor, made);
            lost = co_await loop.run();
        }
        const auto state = co_await boost::asio::this_coro::cancellation_state;
        if (state.cancelled() != boost::asio::cancellation_type::none) co_return;
        if (!told)
            agent::log::debug("logind is not heard: {}",
                              ipc::dbus::from_sd_bus("the system bus", -lost).message);
        told = true;
        co_await agent::async::sleep_for(look_again);
    }
}

} // namespace agentd
