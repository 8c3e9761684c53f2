// The connection to the service: find it, greet it, notice when it goes and comes. secret_items.cpp
// has the calls.

#include "keyring/secret_service.hpp"

#include "async/with_timeout.hpp"
#include "base/log.hpp"
#include "keyring/secret_service_names.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <algorithm>

namespace agent::keyring {

using namespace std::chrono_literals;
using namespace names;

SecretService::SecretService(boost::asio::any_io_executor executor, Limits limits,
                             std::string schema)
    : executor_(executor), limits_(limits), schema_(std::move(schema)), bus_(executor),
      changed_(executor), tasks_(executor) {}

void SecretService::start(std::function<void()> usable) {
    usable_ = std::move(usable);
    tasks_.spawn_lasting([this] { return supervise(); }, "secret service");
}

awaitable<void> SecretService::stop() {
    co_await tasks_.stop();
    owner_match_.reset();
    bus_.close();
}

std::string SecretService::unusable() const {
    if (!problem_.empty()) return problem_;
    if (locked_ && std::chrono::steady_clock::now() < quiet_until_)
        return "it is locked, and nobody unlocked it";
    return {};
}

// Until agentd ends: a bus may come with a later login, and go with a logout.
awaitable<void> SecretService::supervise() {
    using namespace boost::asio::experimental::awaitable_operators;
    auto pause = std::chrono::milliseconds(1000);
    for (;;) {
        if (bus_.open()) {
            pause = 1000ms;
            co_await (bus_.run() && greet());
            owner_match_.reset();
        }
        gone("there is no session bus");
        co_await async::sleep_for(pause);
        pause = std::min<std::chrono::milliseconds>(pause * 2, 30s);
    }
}

awaitable<void> SecretService::greet() {
    auto changed = [this](sd_bus_message* signal) {
        const char *name = "", *before = "", *after = "";
        if (::sd_bus_message_read(signal, "sss", &name, &before, &after) < 0) return;
        if (*after == '\0')
            gone("the service that offered it has ended");
        else
            tasks_.spawn(meet(), "meet secret service");
    };
    owner_match_ =
        bus_.match("type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',"
                   "arg0='org.freedesktop.secrets'",
                   std::move(changed));
    const auto there = co_await offered();
    if (there && *there) {
        co_await meet();
        co_return;
    }
    gone(there ? "nothing on the session bus offers org.freedesktop.secrets"
               : there.error().message);
}

awaitable<Result<bool>> SecretService::offered() {
    auto question = bus_.call_to(bus_name, bus_path, bus_name, "NameHasOwner");
    if (question) ::sd_bus_message_append(question.get(), "s", service);
    const auto owned = co_await bus_.call(std::move(question), limits_.call);
    if (!owned) co_return owned.error();
    int yes = 0;
    if (::sd_bus_message_read(owned->get(), "b", &yes) >= 0 && yes != 0) co_return true;
    auto list = bus_.call_to(bus_name, bus_path, bus_name,
                             "ListActivatableNames"); // the first call starts it
    const auto names = co_await bus_.call(std::move(list), limits_.call);
    if (!names) co_return names.error();
    bool found = false;
    if (::sd_bus_message_enter_container(names->get(), 'a', "s") < 0) co_return false;
    const char* name = nullptr;
    while (::sd_bus_message_read(names->get(), "s", &name) > 0)
        found = found || std::string_view(name) == service;
    co_return found;
}

awaitable<void> SecretService::meet() {
    auto met = co_await open_session();
    if (met) met = co_await read_collection();
    if (!met) {
        gone(met.error().message);
        co_return;
    }
    problem_.clear();
    settled_ = true;
    changed_.notify_all();
    log::info("secret service found, collection={} locked={}", collection_, locked_);
    if (!locked_ && usable_) usable_();
}

awaitable<Status> SecretService::open_session() {
    auto cipher = SecretCipher::make();
    if (!cipher) co_return cipher.error();
    auto call = bus_.call_to(service, service_path, service_interface, "OpenSession");
    if (call) {
        ::sd_bus_message_append(call.get(), "s", SecretCipher::algorithm);
        ::sd_bus_message_open_container(call.get(), 'v', "ay");
        ::sd_bus_message_append_array(call.get(), 'y', cipher->public_key().data(),
                                      cipher->public_key().size());
        ::sd_bus_message_close_container(call.get());
    }
    const auto reply = co_await bus_.call(std::move(call), limits_.call);
    if (!reply) co_return reply.error();
    const void* peer = nullptr;
    std::size_t size = 0;
    const char* path = nullptr;
    const bool read = ::sd_bus_message_enter_container(reply->get(), 'v', "ay") >= 0 &&
                      ::sd_bus_message_read_array(reply->get(), 'y', &peer, &size) >= 0 &&
                      ::sd_bus_message_exit_container(reply->get()) >= 0 &&
                      ::sd_bus_message_read(reply->get(), "o", &path) >= 0;
    if (!read)
        co_return fail(Errc::keyring_failed, Hop::login,
                       "Secret Service: OpenSession: a strange answer");
    const auto* bytes = static_cast<const std::uint8_t*>(peer);
    const auto agreed = cipher->agree(Bytes(bytes, bytes + size));
    if (!agreed) co_return agreed;
    cipher_ = std::move(*cipher);
    session_ = path;
    co_return Status();
}

awaitable<Status> SecretService::read_collection() {
    auto call = bus_.call_to(service, service_path, service_interface, "ReadAlias");
    if (call) ::sd_bus_message_append(call.get(), "s", "default");
    const auto reply = co_await bus_.call(std::move(call), limits_.call);
    if (!reply) co_return reply.error();
    const char* path = nullptr;
    if (::sd_bus_message_read(reply->get(), "o", &path) < 0 || std::string_view(path) == "/")
        co_return fail(Errc::keyring_failed, Hop::login,
                       "it has no default collection yet"); // nobody is asked to make one
    collection_ = path;
    locked_ = co_await still_locked();
    co_return Status();
}

void SecretService::gone(std::string why) {
    if (problem_.empty()) log::info("secret service not usable: {}", why);
    problem_ = std::move(why);
    session_.clear();
    settled_ = true;
    changed_.notify_all();
}

awaitable<void> SecretService::settled() {
    const auto deadline = std::chrono::steady_clock::now() + limits_.call;
    while (!settled_) {
        const auto left = deadline - std::chrono::steady_clock::now();
        if (left <= left.zero()) co_return;
        co_await async::with_timeout(changed_.wait(), left);
    }
}

} // namespace agent::keyring
