// The methods of Agent1 about proxies.

#include "ipc/dbus/agent1_request.hpp"
#include "ipc/dbus/connect_unix.hpp"
#include "ipc/dbus/no_progress.hpp"

#include <algorithm>

namespace ipc::dbus {

using agent::Errc;
using agent::fail;
using agent::Hop;
using agent::Status;
using boost::asio::awaitable;

awaitable<Status> Agent1::connect(CallPtr call) {
    auto request = co_await request_of<Connect::Request>(call, "target");
    if (!request) co_return request.error();
    NoProgress<Connect> none;
    const auto done = co_await commands_.handle(std::move(*request), none);
    if (!done) co_return done.error();
    if (!done->proxy) co_return fail(Errc::internal, Hop::agent, "there is no proxy in the answer");
    co_await mirror_.refresh(); // the object is there before its path is told
    auto reply = call->new_reply();
    if (!reply) co_return reply.error();
    const std::string path = object_path(Kind<Proxy>::folder, done->proxy->name);
    int appended = ::sd_bus_message_append(reply->get(), "o", path.c_str());
    if (appended >= 0)
        appended = append_properties<Proxy>(reply->get(), *done->proxy, Kind<Proxy>::properties());
    co_return Incoming::send(std::move(*reply), appended);
}

awaitable<Status> Agent1::connect_fd(CallPtr call) {
    const auto name = read_text(call->message(), "name");
    if (!name) co_return name.error();
    NoProgress<ListProxies> none;
    const auto listed = co_await commands_.handle(ListProxies::Request(), none);
    if (!listed) co_return listed.error();
    const auto named = [&](const Proxy& proxy) { return proxy.name == *name; };
    const auto proxy = std::ranges::find_if(listed->proxies, named);
    if (proxy == listed->proxies.end())
        co_return fail(Errc::proxy_not_found, Hop::local, "there is no proxy " + *name,
                       "ListProxies shows them");
    const auto socket = co_await connect_unix(proxy->socket_path);
    if (!socket) co_return socket.error();
    auto reply = call->new_reply();
    if (!reply) co_return reply.error();
    const int appended = ::sd_bus_message_append(reply->get(), "h", socket->get()); // it duplicates
    co_return Incoming::send(std::move(*reply), appended);
}

awaitable<Status> Agent1::disconnect(CallPtr call) {
    auto name = read_text(call->message(), "name");
    if (!name) co_return name.error();
    Disconnect::Request request;
    request.name = std::move(*name);
    NoProgress<Disconnect> none;
    const auto done = co_await commands_.handle(std::move(request), none);
    if (!done) co_return done.error();
    mirror_.tell_end(done->proxy);
    co_await mirror_.refresh();
    auto reply = call->new_reply();
    if (!reply) co_return reply.error();
    const int appended = ::sd_bus_message_append(reply->get(), "b", done->session_canceled ? 1 : 0);
    co_return Incoming::send(std::move(*reply), appended);
}

awaitable<Status> Agent1::list_proxies(CallPtr call) {
    NoProgress<ListProxies> none;
    ListProxies::Request request;
    request.fresh = true;
    const auto listed = co_await commands_.handle(std::move(request), none);
    if (!listed) co_return listed.error();
    auto reply = call->new_reply();
    if (!reply) co_return reply.error();
    sd_bus_message* const out = reply->get();
    int appended = ::sd_bus_message_open_container(out, 'a', "{oa{sv}}");
    for (const auto& proxy : listed->proxies) {
        const std::string path = object_path(Kind<Proxy>::folder, proxy.name);
        if (appended >= 0) appended = ::sd_bus_message_open_container(out, 'e', "oa{sv}");
        if (appended >= 0) appended = ::sd_bus_message_append_basic(out, 'o', path.c_str());
        if (appended >= 0)
            appended = append_properties<Proxy>(out, proxy, Kind<Proxy>::properties());
        if (appended >= 0) appended = ::sd_bus_message_close_container(out);
    }
    if (appended >= 0) appended = ::sd_bus_message_close_container(out);
    co_return Incoming::send(std::move(*reply), appended);
}

awaitable<Status> Agent1::why(CallPtr call) {
    auto name = read_text(call->message(), "name");
    if (!name) co_return name.error();
    Why::Request request;
    request.name = std::move(*name);
    NoProgress<Why> none;
    const auto told = co_await commands_.handle(std::move(request), none);
    if (!told) co_return told.error();
    auto reply = call->new_reply();
    if (!reply) co_return reply.error();
    sd_bus_message* const out = reply->get();
    int appended = ::sd_bus_message_append(out, "ssss", told->state.c_str(), told->hop.c_str(),
                                           told->explanation.c_str(), told->next_step.c_str());
    if (appended >= 0) appended = ::sd_bus_message_open_container(out, 'a', "s");
    for (const auto& event : told->history) {
        const std::string line = event.time + " " + event.kind + " " + event.message;
        if (appended >= 0) appended = ::sd_bus_message_append_basic(out, 's', line.c_str());
    }
    if (appended >= 0) appended = ::sd_bus_message_close_container(out);
    co_return Incoming::send(std::move(*reply), appended);
}

} // namespace ipc::dbus
