#include "agent/session/session_calls.hpp"

namespace agent::core {

awaitable<Result<ItemReply>> SessionCalls::authorize(ClusterChoice choice, TargetOptions options,
                                                     bool& sent) {
    const bool by_name = !options.target_name.empty();
    if (by_name == !options.target.empty())
        co_return fail(Errc::invalid_argument, Hop::local,
                       "name one target: by id or alias, or by name and scope");
    if (by_name && options.scope_id.empty() == options.scope_name.empty())
        co_return fail(Errc::invalid_argument, Hop::local,
                       "a target's name needs one scope: by id or by name");
    Json body = Json::object();
    if (!options.host_id.empty()) body["host_id"] = options.host_id;
    if (by_name) {
        body["name"] = options.target_name;
        if (!options.scope_id.empty()) body["scope_id"] = options.scope_id;
        if (!options.scope_name.empty()) body["scope_name"] = options.scope_name;
    }
    controller::Request request;
    request.method = "POST";
    const std::string& target = by_name ? options.target_name : options.target;
    request.path = "/v1/targets/" + controller::percent_encode(target) + ":authorize-session";
    request.body = Secret(dump_json(body));
    request.repeatable = false;
    request.sent = &sent;
    auto reply = co_await controllers_.ask(std::move(choice), std::move(request));
    if (!reply) co_return reply.error();
    auto item = item_of(*reply);
    wipe(reply->body);
    co_return item;
}

awaitable<Result<ItemReply>> SessionCalls::read(ClusterChoice choice, std::string id) {
    controller::Request request;
    request.path = "/v1/sessions/" + controller::percent_encode(id);
    const auto reply = co_await controllers_.ask(std::move(choice), std::move(request));
    if (!reply) co_return reply.error();
    auto item = item_of(*reply);
    if (item) seen_(item->item);
    co_return item;
}

// Needs the session's version, which its first use changes: read it, and once more when it was
// wrong.
awaitable<Result<ItemReply>> SessionCalls::cancel(ClusterChoice choice, std::string id,
                                                  std::optional<std::int64_t> version) {
    if (id.empty()) co_return fail(Errc::invalid_argument, Hop::local, "id is empty");
    const std::string path = "/v1/sessions/" + controller::percent_encode(id);
    const bool chosen_here = !version.has_value();
    for (bool first = true;; first = false) {
        if (chosen_here) {
            controller::Request request;
            request.path = path;
            const auto session = co_await controllers_.ask(choice, std::move(request));
            if (!session) co_return session.error();
            const auto item = item_of(*session);
            if (!item) co_return item.error();
            const Json* present = find_member(item->item, "version");
            version = present != nullptr && present->is_number_integer()
                          ? present->get<std::int64_t>()
                          : 1;
        }
        Json body = Json::object();
        body["version"] = *version;
        controller::Request request;
        request.method = "POST";
        request.path = path + ":cancel";
        request.body = Secret(dump_json(body));
        const auto reply = co_await controllers_.ask(choice, std::move(request));
        if (!reply) {
            const bool version_changed = reply.error().status == 500; // how a controller says it
            if (chosen_here && first && version_changed) continue;
            co_return reply.error();
        }
        auto item = item_of(*reply);
        if (item) {
            events_.publish(EventKind::session_canceled, "canceled session " + id);
            seen_(item->item);
        }
        co_return item;
    }
}

awaitable<Result<controller::ItemList>> SessionCalls::list(ClusterChoice choice) {
    auto token = co_await controllers_.token_of(choice);
    if (!token) co_return token.error();
    controller::ListQuery query;
    query.collection = "/v1/sessions";
    query.token = std::move(*token);
    query.parameters.emplace_back("scope_id", "global");
    query.parameters.emplace_back("recursive", "true");
    const auto client = controllers_.client_of(choice.settings);
    co_return co_await controller::list_all(*client, std::move(query), nullptr);
}

} // namespace agent::core
