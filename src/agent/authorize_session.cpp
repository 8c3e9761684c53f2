// AuthorizeSession: asks the controller for a session. Never repeated: it may issue credentials
// each time.

#include "agent/agent.hpp"

namespace agent::core {

awaitable<Result<ItemReply>> Agent::authorize_session(ClusterChoice choice, TargetWords words) {
    bool sent = false;
    co_return co_await ask_for_session(std::move(choice), std::move(words), sent);
}

awaitable<Result<ItemReply>> Agent::ask_for_session(ClusterChoice choice, TargetWords words,
                                                    bool& sent) {
    const bool by_name = !words.target_name.empty();
    if (by_name == !words.target.empty())
        co_return fail(Errc::invalid_argument, Hop::local,
                       "name one target: by id or alias, or by name and scope");
    if (by_name && words.scope_id.empty() == words.scope_name.empty())
        co_return fail(Errc::invalid_argument, Hop::local,
                       "a target's name needs one scope: by id or by name");
    Json body = Json::object();
    if (!words.host_id.empty()) body["host_id"] = words.host_id;
    if (by_name) {
        body["name"] = words.target_name;
        if (!words.scope_id.empty()) body["scope_id"] = words.scope_id;
        if (!words.scope_name.empty()) body["scope_name"] = words.scope_name;
    }
    controller::Request request;
    request.method = "POST";
    const std::string& target = by_name ? words.target_name : words.target;
    request.path = "/v1/targets/" + controller::percent_encode(target) + ":authorize-session";
    request.body = Secret(dump_json(body));
    request.repeatable = false;
    request.sent = &sent;
    struct Authorizing {
        explicit Authorizing(int& count) : count_(count) { ++count_; }
        Authorizing(const Authorizing&) = delete;
        ~Authorizing() { --count_; }
        int& count_;
    } const authorizing(authorizing_);
    auto reply = co_await controllers_.ask(std::move(choice), std::move(request));
    if (!reply) co_return reply.error();
    auto item = item_of(*reply);
    wipe(reply->body);
    if (item) { // not to be taken for one that was lost: see recover.cpp
        if (handed_out_.size() > 1000) handed_out_.clear();
        handed_out_.insert(string_member(item->item, "session_id"));
    }
    co_return item;
}

} // namespace agent::core
