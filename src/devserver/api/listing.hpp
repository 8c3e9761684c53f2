#pragma once
// Lists: pages, refreshes, filters. list() serves every collection; run_list() is its engine, also
// for a user's resolvable aliases.

#include "devserver/api/call.hpp"
#include "devserver/store/list_query.hpp"

#include <functional>
#include <string>

namespace devserver {

Reply list(Call& call, const Collection& collection);

struct ListPlan {
    std::string token_kind; ///< what list tokens are bound to
    ListQuery query;
    std::function<std::optional<Json>(const Resource&)> render; ///< nullopt: not for this caller
};
Reply run_list(Call& call, ListPlan plan);

/// The scope and all below it.
std::vector<std::string> scopes_from(Store& store, const std::string& scope_id);

} // namespace devserver
