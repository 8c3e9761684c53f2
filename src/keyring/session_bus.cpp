#include "keyring/session_bus.hpp"

#include "async/with_timeout.hpp"
#include "base/log.hpp"
#include "base/peer.hpp"
#include "base/scope_exit.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>

#include <unistd.h>

#include <cstring>

namespace agent::keyring {
namespace {

using namespace boost::asio::experimental::awaitable_operators;
using Descriptor = boost::asio::posix::stream_descriptor;

awaitable<void> wait_for(Descriptor& socket, Descriptor::wait_type kind) {
    co_await socket.async_wait(kind, async::token);
}

std::string name_of(sd_bus_message* message) {
    const char* member = ::sd_bus_message_get_member(message);
    return std::string("Secret Service: ") + (member == nullptr ? "a call" : member);
}

} // namespace

bool SessionBus::open() {
    close();
    if (::sd_bus_open_user(&bus_) < 0) {
        bus_ = nullptr;
        return false;
    }
    if (!peer_is_ours_or_roots(::sd_bus_get_fd(bus_))) { // logins would go there
        log::warning("another user listens where the session bus should be: it is not used");
        close();
        return false;
    }
    const int copy = ::dup(::sd_bus_get_fd(bus_)); // so that Asio does not close sd-bus's own
    if (copy < 0) {
        close();
        return false;
    }
    socket_.emplace(executor_, copy);
    return true;
}

void SessionBus::close() {
    socket_.reset();
    if (bus_ != nullptr) ::sd_bus_close_unref(bus_);
    bus_ = nullptr;
    for (Pending* one : pending_) {
        one->finished = true;
        one->done.notify_all();
    }
}

awaitable<void> SessionBus::run() {
    while (bus_ != nullptr) {
        int progress = 0;
        while (bus_ != nullptr && (progress = ::sd_bus_process(bus_, nullptr)) > 0) {
        }
        if (bus_ == nullptr || progress < 0 || ::sd_bus_is_open(bus_) <= 0) break;
        std::uint64_t deadline = UINT64_MAX;
        ::sd_bus_get_timeout(bus_, &deadline);
        const bool to_write = (::sd_bus_get_events(bus_) & POLLOUT) != 0;
        co_await (activity(to_write) || until(deadline) || wake_.wait());
    }
    close();
}

awaitable<void> SessionBus::activity(bool to_write) {
    if (to_write)
        co_await (wait_for(*socket_, Descriptor::wait_read) ||
                  wait_for(*socket_, Descriptor::wait_write));
    else
        co_await wait_for(*socket_, Descriptor::wait_read);
}

awaitable<void> SessionBus::until(std::uint64_t monotonic_microseconds) {
    boost::asio::steady_timer timer(executor_);
    if (monotonic_microseconds == UINT64_MAX)
        timer.expires_at(boost::asio::steady_timer::time_point::max());
    else // steady_clock is CLOCK_MONOTONIC here, as sd-bus's deadline
        timer.expires_at(boost::asio::steady_timer::time_point(
            std::chrono::microseconds(monotonic_microseconds + 1000)));
    co_await timer.async_wait(async::token);
}

BusMessage SessionBus::call_to(const char* destination, const std::string& path,
                               const char* interface, const char* member) {
    sd_bus_message* message = nullptr;
    if (bus_ != nullptr)
        ::sd_bus_message_new_method_call(bus_, &message, destination, path.c_str(), interface,
                                         member);
    return BusMessage(message);
}

awaitable<Result<BusMessage>> SessionBus::call(BusMessage message,
                                               std::chrono::milliseconds limit) {
    const auto failed = [](const std::string& what) {
        return fail(Errc::keyring_failed, Hop::login, what,
                    "agentctl keyring shows where logins can be kept");
    };
    if (bus_ == nullptr || !message) co_return failed("Secret Service: there is no session bus");
    const std::string name = name_of(message.get());
    Pending pending(executor_);
    const auto answered = [](sd_bus_message* reply, void* data, sd_bus_error*) -> int {
        auto* one = static_cast<Pending*>(data);
        one->reply.reset(::sd_bus_message_ref(reply));
        one->finished = true;
        one->done.notify_all();
        return 0;
    };
    sd_bus_slot* slot = nullptr;
    const auto microseconds = static_cast<std::uint64_t>(std::chrono::microseconds(limit).count());
    const int sent =
        ::sd_bus_call_async(bus_, &slot, message.get(), answered, &pending, microseconds);
    const Owned<sd_bus_slot, sd_bus_slot_unref> kept(slot);
    if (sent < 0) co_return failed(name + ": " + std::strerror(-sent));
    pending_.insert(&pending);
    const ScopeExit registered([&] { pending_.erase(&pending); });
    wake_.notify_all();
    while (!pending.finished) co_await pending.done.wait();
    if (!pending.reply) co_return failed(name + ": the session bus went away");
    const sd_bus_error* problem = ::sd_bus_message_get_error(pending.reply.get());
    if (problem == nullptr) co_return std::move(pending.reply);
    const std::string error = problem->name == nullptr ? "" : problem->name;
    if (error == "org.freedesktop.DBus.Error.NoReply" ||
        error == "org.freedesktop.DBus.Error.Timeout")
        co_return failed(name + ": no answer; the service hangs or went away");
    if (error == "org.freedesktop.DBus.Error.ServiceUnknown" ||
        error == "org.freedesktop.DBus.Error.NameHasNoOwner")
        co_return failed(name + ": the service is not running");
    co_return failed(name + ": " +
                     (problem->message == nullptr ? error : std::string(problem->message)));
}

std::unique_ptr<SessionBus::Match> SessionBus::match(const std::string& rule, Handler handler) {
    auto match = std::make_unique<Match>();
    match->handler = std::move(handler);
    const auto arrived = [](sd_bus_message* signal, void* data, sd_bus_error*) -> int {
        static_cast<Match*>(data)->handler(signal);
        return 0;
    };
    if (bus_ != nullptr)
        ::sd_bus_add_match_async(bus_, &match->slot, rule.c_str(), arrived, nullptr, match.get());
    wake_.notify_all();
    return match;
}

} // namespace agent::keyring
