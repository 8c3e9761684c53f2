#include "ipc/dbus/connection.hpp"

#include "async/with_timeout.hpp"
#include "base/peer.hpp"
#include "ipc/dbus/bus_error.hpp"
#include "ipc/dbus/limits.hpp"

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace ipc::dbus {

namespace asio = boost::asio;
namespace log = agent::log;
using namespace std::chrono_literals;

namespace {

constexpr auto flush_limit = 1s;

/// A path as it stands in a D-Bus address.
std::string escape(std::string_view path) {
    constexpr std::string_view plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_/.\\*";
    std::string out;
    for (const char c : path) {
        if (plain.find(c) != std::string_view::npos)
            out += c;
        else
            out += fmt::format("%{:02x}", static_cast<unsigned char>(c));
    }
    return out;
}

asio::awaitable<void> until_sent(const BusLoop& loop) {
    while (loop.unsent() > 0) co_await agent::async::sleep_for(5ms);
}

} // namespace

std::vector<std::string> session_addresses() {
    std::vector<std::string> found;
    const char* given = std::getenv("DBUS_SESSION_BUS_ADDRESS");
    for (std::string_view rest = given == nullptr ? "" : given; !rest.empty();) {
        const auto end = std::min(rest.find(';'), rest.size());
        if (end > 0) found.emplace_back(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    const char* runtime = std::getenv("XDG_RUNTIME_DIR");
    if (runtime != nullptr && *runtime == '/') {
        std::string usual = "unix:path=" + escape(runtime) + "/bus";
        const auto known = [&](const std::string& one) {
            return one == usual || one.starts_with(usual + ",");
        };
        if (std::ranges::none_of(found, known)) found.push_back(std::move(usual));
    }
    return found;
}

/// The users on the present bus; they let go however it ends.
struct Connection::Attached {
    Connection& connection;
    ~Attached() {
        for (auto user = connection.users_.rbegin(); user != connection.users_.rend(); ++user)
            (*user)->detach();
        connection.name_request_.reset();
        connection.name_acquired_.reset();
        connection.loop_ = nullptr;
        connection.bus_.reset();
    }
};

Connection::Connection(asio::any_io_executor executor, std::string name)
    : executor_(executor), name_(std::move(name)), tasks_(executor) {}

void Connection::start() {
    tasks_.spawn_lasting([this] { return stay_connected(); }, "session bus");
}

asio::awaitable<void> Connection::stay_connected() {
    std::chrono::milliseconds pause = first_back_off;
    for (;;) {
        answered_ = false;
        for (auto& address : session_addresses()) {
            co_await serve(std::move(address));
            if (answered_) break; // this one was the right one: try it first again
        }
        if (answered_) pause = first_back_off;
        co_await agent::async::sleep_for(pause);
        pause = std::min(pause * 2, longest_back_off);
    }
}

asio::awaitable<void> Connection::serve(std::string address) {
    sd_bus* bus = nullptr;
    int done = ::sd_bus_new(&bus);
    if (done < 0) co_return note_lost(from_sd_bus("sd_bus_new", done).message);
    bus_.reset(bus);
    done = ::sd_bus_set_address(bus, address.c_str());
    if (done >= 0) done = ::sd_bus_set_bus_client(bus, 1);
    if (done >= 0) done = ::sd_bus_set_description(bus, "agentd");
    if (done >= 0) done = ::sd_bus_start(bus);
    if (done < 0) {
        bus_.reset();
        co_return note_lost(from_sd_bus(address, done).message);
    }
    if (!agent::peer_is_ours_or_roots(::sd_bus_get_fd(bus))) { // it would tell us who calls
        bus_.reset();
        co_return note_lost(address + ": another user listens there");
    }
    BusLoop loop(executor_, bus);
    loop_ = &loop;
    const Attached attached{*this};
    for (BusUser* user : users_) co_await user->attach(bus, loop);
    ask_for_name();
    const int number = co_await loop.run();
    note_lost(from_sd_bus(address, -number).message);
}

// The bus queues us when another program has the name, and tells us when it is ours: nothing to ask
// again.
void Connection::ask_for_name() {
    if (name_.empty()) return;
    const auto on_acquired = [](sd_bus_message*, void* self, sd_bus_error* error) noexcept {
        return guarded(error, [&] {
            log::info("d-bus: {} is ours", static_cast<Connection*>(self)->name_);
            return 0;
        });
    };
    const auto on_reply = [](sd_bus_message* reply, void* self, sd_bus_error* error) noexcept {
        return guarded(error, [&] { return static_cast<Connection*>(self)->on_name_reply(reply); });
    };
    const std::string match =
        "type='signal',sender='org.freedesktop.DBus',path='/org/freedesktop/DBus',"
        "interface='org.freedesktop.DBus',member='NameAcquired',arg0='" +
        name_ + "'";
    sd_bus_slot* slot = nullptr;
    if (::sd_bus_add_match_async(bus_.get(), &slot, match.c_str(), on_acquired, nullptr, this) >= 0)
        name_acquired_.reset(slot);
    slot = nullptr;
    const int asked = ::sd_bus_request_name_async(bus_.get(), &slot, name_.c_str(),
                                                  SD_BUS_NAME_QUEUE, on_reply, this);
    name_request_.reset(slot);
    if (asked < 0)
        log::warning("d-bus: {}", from_sd_bus("ask for the name " + name_, asked).message);
}

int Connection::on_name_reply(sd_bus_message* reply) {
    answered_ = true;
    told_absent_ = false;
    std::uint32_t answer = 0;
    if (::sd_bus_message_is_method_error(reply, nullptr) > 0)
        log::warning("d-bus: {}", from_reply("the bus refuses the name " + name_, reply).message);
    else if (::sd_bus_message_read(reply, "u", &answer) >= 0 && answer == 2) // in the queue
        log::warning("d-bus: another program has the name {}; the agent takes it when it is free",
                     name_);
    return 0;
}

void Connection::note_lost(const std::string& why) {
    if (answered_)
        log::warning("d-bus: lost the session bus: {}; trying again", why);
    else if (!told_absent_)
        log::info("d-bus: no session bus: {}; the agent works without it and goes on looking", why);
    else
        log::debug("d-bus: {}", why);
    told_absent_ = true;
}

void Connection::release_name() {
    if (loop_ == nullptr || name_.empty()) return;
    ::sd_bus_release_name_async(bus_.get(), nullptr, name_.c_str(), nullptr, nullptr);
    loop_->wake();
}

asio::awaitable<void> Connection::stop() {
    if (loop_ != nullptr) co_await agent::async::with_timeout(until_sent(*loop_), flush_limit);
    co_await tasks_.stop();
}

} // namespace ipc::dbus
