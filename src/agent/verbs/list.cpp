// List: one of the controller's collections, all pages.

#include "agent/verbs/resources.hpp"
#include "agent/verbs/verbs.hpp"

namespace agent::core::verbs {

awaitable<Result<controller::ItemList>> list(Controllers& controllers, ClusterChoice choice,
                                             ListOptions options,
                                             controller::PageObserver* observer) {
    const auto resource = find_resource(options.resource);
    if (!resource) co_return resource.error();
    auto token = co_await controllers.token_of(choice);
    if (!token) co_return token.error();
    const bool anonymous = token->empty();
    controller::ListQuery query;
    query.collection = collection_path(*resource);
    query.token = std::move(*token);
    auto& parameters = query.parameters;
    if (!resource->parent.empty()) {
        if (options.parent_id.empty())
            co_return fail(Errc::invalid_argument, Hop::local,
                           options.resource + " live in a parent: " +
                               std::string(resource->parent) + " is missing");
        parameters.emplace_back(resource->parent, options.parent_id);
    } else {
        parameters.emplace_back("scope_id", options.scope_id.empty() ? "global" : options.scope_id);
    }
    if (options.recursive) parameters.emplace_back("recursive", "true");
    if (options.include_terminated) parameters.emplace_back("include_terminated", "true");
    if (!options.filter.empty()) parameters.emplace_back("filter", options.filter);
    if (options.page_size > 0)
        parameters.emplace_back("page_size", std::to_string(options.page_size));
    const auto client = controllers.client_of(choice.settings);
    auto items = co_await controller::list_all(*client, std::move(query), observer);
    if (items) co_return items;
    if (items.error().code != Errc::controller_error) co_return in_cluster(choice, items.error());
    Error error = controllers.refusal(choice, anonymous, items.error());
    if (error.code == Errc::controller_error && options.recursive && error.status == 403)
        error.hint =
            "a dead login is refused like this as well: agentctl auth-tokens read -id self tells";
    co_return error;
}

} // namespace agent::core::verbs
