// The methods of Agent1 about what the controller has: targets and sessions. Its objects travel as
// JSON, as it sent them.

#include "ipc/dbus/agent1_request.hpp"
#include "ipc/dbus/no_progress.hpp"

#include <malloc.h>

namespace ipc::dbus {

using agent::Status;
using boost::asio::awaitable;

namespace {
constexpr std::size_t give_back_each = 4U << 20U; // of the items that are in the message already
}

// The session without its secrets as JSON, and those in a file in memory that only the caller gets:
// a bus can be watched.
awaitable<Status> Agent1::authorize(CallPtr call) {
    auto request = co_await request_of<AuthorizeSession::Request>(call, "target");
    if (!request) co_return request.error();
    NoProgress<AuthorizeSession> none;
    auto done = co_await commands_.handle(std::move(*request), none);
    if (!done) co_return done.error();
    Json secrets = Json::object();
    for (const char* member : {"authorization_token", "credentials"}) {
        const auto found = done->item.find(member);
        if (found == done->item.end()) continue;
        secrets[member] = std::move(*found);
        done->item.erase(member);
    }
    const auto file = secret_file(Secret(agent::dump_json(secrets)));
    agent::wipe(secrets);
    if (!file) co_return file.error();
    auto reply = call->new_reply();
    if (!reply) co_return reply.error();
    const std::string id = agent::string_member(done->item, "session_id");
    const std::string text = agent::dump_json(done->item);
    const int appended =
        ::sd_bus_message_append(reply->get(), "ssh", id.c_str(), text.c_str(), file->get());
    co_return Incoming::send(std::move(*reply), appended);
}

awaitable<Status> Agent1::list_targets(CallPtr call) {
    return list_of(std::move(call), "targets");
}

awaitable<Status> Agent1::list_sessions(CallPtr call) {
    return list_of(std::move(call), "sessions");
}

awaitable<Status> Agent1::list_of(CallPtr call, const char* resource) {
    Json fixed = Json::object();
    fixed["resource"] = resource;
    auto request = co_await request_of<List::Request>(call, nullptr, std::move(fixed));
    if (!request) co_return request.error();
    NoProgress<List> none;
    auto done = co_await commands_.handle(std::move(*request), none);
    if (!done) co_return done.error();
    auto reply = call->new_reply();
    if (!reply) co_return reply.error();
    int appended = ::sd_bus_message_open_container(reply->get(), 'a', "s");
    std::size_t moved = 0;
    if (!done->items) done->items.emplace();
    for (auto& item : *done->items) {
        const std::string text = agent::dump_json(item);
        item = nullptr; // a long list is never there twice
        if (appended >= 0)
            appended = ::sd_bus_message_append_basic(reply->get(), 's', text.c_str());
        moved += text.size();
        if (moved < give_back_each) continue;
        moved = 0;
        ::malloc_trim(0);
    }
    if (appended >= 0) appended = ::sd_bus_message_close_container(reply->get());
    co_return Incoming::send(std::move(*reply), appended);
}

awaitable<Status> Agent1::read_session(CallPtr call) {
    Json fixed = Json::object();
    fixed["resource"] = "sessions";
    auto request = co_await request_of<Read::Request>(call, "id", std::move(fixed));
    if (!request) co_return request.error();
    NoProgress<Read> none;
    auto done = co_await commands_.handle(std::move(*request), none);
    if (!done) co_return done.error();
    co_return reply_item(*call, std::move(done->item));
}

awaitable<Status> Agent1::cancel_session(CallPtr call) {
    auto request = co_await request_of<CancelSession::Request>(call, "id");
    if (!request) co_return request.error();
    NoProgress<CancelSession> none;
    auto done = co_await commands_.handle(std::move(*request), none);
    if (!done) co_return done.error();
    co_return reply_item(*call, std::move(done->item));
}

Status Agent1::reply_item(const Incoming& call, Json item) {
    auto reply = call.new_reply();
    if (!reply) return reply.error();
    const std::string text = agent::dump_json(item);
    const int appended = ::sd_bus_message_append(reply->get(), "s", text.c_str());
    return Incoming::send(std::move(*reply), appended);
}

} // namespace ipc::dbus
