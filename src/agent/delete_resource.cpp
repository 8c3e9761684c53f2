// Delete: one of the controller's resources.

#include "agent/agent.hpp"
#include "agent/resources.hpp"

namespace agent::core {

awaitable<Result<int>> Agent::delete_resource(ClusterChoice choice, std::string resource,
                                              std::string id) {
    const auto known = find_resource(resource);
    if (!known) co_return known.error();
    if (id.empty()) co_return fail(Errc::invalid_argument, Hop::local, "id is empty");
    const auto real_id = co_await controllers_.resolve_self(choice, resource, std::move(id));
    if (!real_id) co_return real_id.error();
    controller::Request request;
    request.method = "DELETE";
    request.path = item_path(*known, *real_id);
    request.repeatable = false; // the second one would say that there is none
    const auto reply = co_await controllers_.ask(std::move(choice), std::move(request));
    if (!reply) co_return reply.error();
    co_return reply->status;
}

} // namespace agent::core
