// Delete: one of the controller's resources.

#include "agent/parts.hpp"
#include "agent/verbs/resources.hpp"
#include "agent/verbs/verbs.hpp"

namespace agent::core::verbs {

awaitable<Result<int>> delete_resource(Controllers& controllers, ClusterChoice choice,
                                       std::string resource, std::string id) {
    const auto known = find_resource(resource);
    if (!known) co_return known.error();
    if (id.empty()) co_return fail(Errc::invalid_argument, Hop::local, "id is empty");
    if (auto usable = check_id(id); !usable) co_return usable.error();
    const auto real_id = co_await controllers.resolve_self(choice, resource, std::move(id));
    if (!real_id) co_return real_id.error();
    controller::Request request;
    request.method = "DELETE";
    request.path = item_path(*known, *real_id);
    request.repeatable = false; // the second one would say that there is none
    const auto reply = co_await controllers.ask(std::move(choice), std::move(request));
    if (!reply) co_return reply.error();
    co_return reply->status;
}

awaitable<Result<int>> delete_resource(const Parts& parts, ClusterChoice choice,
                                       std::string resource, std::string id) {
    const std::string address = choice.settings.address;
    auto real_id = co_await parts.controllers.resolve_self(choice, resource, std::move(id));
    if (!real_id) co_return real_id.error();
    const auto status =
        co_await delete_resource(parts.controllers, std::move(choice), resource, *real_id);
    if (status && resource == "auth-tokens")
        co_await parts.held.auth_token_deleted(address, *real_id);
    co_return status;
}

} // namespace agent::core::verbs
