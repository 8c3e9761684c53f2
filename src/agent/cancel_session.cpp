// CancelSession: needs the session's version, which its first use changes: read it, and once more
// when it was wrong.

#include "agent/agent.hpp"

namespace agent::core {

awaitable<Result<ItemReply>> Agent::cancel_session(ClusterChoice choice, std::string id,
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
            events_.publish("session-canceled", "canceled session " + id);
            notice_session(item->item);
        }
        co_return item;
    }
}

} // namespace agent::core
