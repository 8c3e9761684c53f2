// Read: one of the controller's resources.

#include "agent/verbs/resources.hpp"
#include "agent/verbs/verbs.hpp"

namespace agent::core::verbs {

awaitable<Result<ItemReply>> read(Controllers& controllers, SessionCalls& sessions,
                                  ClusterChoice choice, std::string resource, std::string id) {
    const auto known = find_resource(resource);
    if (!known) co_return known.error();
    if (id.empty()) co_return fail(Errc::invalid_argument, Hop::local, "id is empty");
    if (auto usable = check_id(id); !usable) co_return usable.error();
    if (resource == "sessions") co_return co_await sessions.read(std::move(choice), std::move(id));
    const auto real_id = co_await controllers.resolve_self(choice, resource, std::move(id));
    if (!real_id) co_return real_id.error();
    controller::Request request;
    request.path = item_path(*known, *real_id);
    const auto reply = co_await controllers.ask(std::move(choice), std::move(request));
    if (!reply) co_return reply.error();
    co_return item_of(*reply);
}

} // namespace agent::core::verbs
