#pragma once
// Methods of Agent1 that are a verb as it is (@bus in the interface file): each member that must be
// there is an argument, the others are options; the results are members of the reply. Their rows in
// the vtable and in the contract are made by ipc/generate.

#include "ipc/dbus/agent1_request.hpp"
#include "ipc/dbus/no_progress.hpp"

namespace ipc::dbus {

template <class Request> std::vector<std::string> required_members() {
    std::vector<std::string> names;
    const auto add = [&]<class Member>(const Field<Request, Member>& one) {
        if (!ipc::detail::is_optional<Member>::value) names.emplace_back(one.name);
    };
    std::apply([&](const auto&... each) { (add(each), ...); }, Request::fields);
    return names;
}

template <class Request>
boost::asio::awaitable<agent::Result<Request>> Agent1::plain_request(CallPtr call) {
    const auto required = required_members<Request>();
    constexpr auto all = std::tuple_size_v<std::remove_cvref_t<decltype(Request::fields)>>;
    Json texts = Json::object();
    for (const auto& name : required) {
        auto text = read_text(call->message(), name);
        if (!text) co_return text.error();
        texts[name] = std::move(*text);
    }
    if (required.size() < all)
        co_return co_await request_of<Request>(call, nullptr, std::move(texts));
    Request request;
    const auto filled = from_json(texts, request);
    if (!filled) co_return filled.error();
    co_return request;
}

template <class Verb, auto... Results>
boost::asio::awaitable<agent::Status> Agent1::plain(CallPtr call) {
    auto request = co_await plain_request<typename Verb::Request>(call);
    if (!request) co_return request.error();
    NoProgress<Verb> none;
    const auto done = co_await commands_.handle(std::move(*request), none);
    if (!done) co_return done.error();
    // what it changed is on the bus before the answer is
    if constexpr (!requires { Verb::changes_nothing; }) co_await mirror_.refresh();
    auto reply = call->new_reply();
    if (!reply) co_return reply.error();
    [[maybe_unused]] int appended = 0;
    ((appended = appended < 0 ? appended : detail::append(reply->get(), (*done).*Results)), ...);
    co_return Incoming::send(std::move(*reply), appended);
}

} // namespace ipc::dbus
