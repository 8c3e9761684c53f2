#pragma once
// How the methods of Agent1 turn their arguments into the request of a verb.

#include "ipc/dbus/agent1.hpp"

namespace ipc::dbus {

/// A cluster that is named by one word: its name, or an address.
inline void name_cluster(Json& members) {
    const auto cluster = members.find("cluster");
    if (cluster == members.end() || !cluster->is_string()) return;
    const std::string word = cluster->get<std::string>();
    Json object = Json::object();
    object[word.find("://") == std::string::npos ? "name" : "address"] = word;
    *cluster = std::move(object);
}

// `first`: the member that the first argument, a string, fills; empty text fills none. `fixed`:
// members that the method itself decides.
template <class Request>
boost::asio::awaitable<agent::Result<Request>> Agent1::request_of(CallPtr call, const char* first,
                                                                  Json fixed) {
    std::string text;
    if (first != nullptr) {
        auto argument = read_text(call->message(), first);
        if (!argument) co_return argument.error();
        text = std::move(*argument);
    }
    auto options = read_options(call->message());
    if (!options) co_return options.error();
    const auto read = co_await read_files(*options);
    if (!read) co_return read.error();
    if (!text.empty()) options->members[first] = std::move(text);
    options->members.update(fixed);
    name_cluster(options->members);
    Request request;
    const auto filled = from_json(options->members, request);
    agent::wipe(options->members); // there may be a password
    if (!filled) co_return filled.error();
    co_return request;
}

} // namespace ipc::dbus
