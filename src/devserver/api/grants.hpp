#pragma once
// Who may do what. Three levels stand for the three roles a dev server has: Login Grants
// (anonymous), Authenticated User Grants, Administration. authorized_actions in answers and every
// permission check come from the same tables.

#include "devserver/api/caller.hpp"
#include "devserver/api/errors.hpp"

#include <string>
#include <vector>

namespace devserver {

std::vector<std::string> authorized_actions(const Caller& caller, const Resource& resource);
/// For a parent: collection → actions, such as {"targets": ["create", "list"]}.
Json authorized_collection_actions(const Caller& caller, const Resource& parent);

/// nullopt when allowed. "read" is also allowed by "read:self" where the resource is the caller's.
Refusal refuse_action(const Caller& caller, const Resource& resource, const std::string& action);
Refusal refuse_create(const Caller& caller);
/// Recursive lists say 403 where others say 401, as the reference does.
Refusal refuse_list(const Caller& caller, const std::string& kind, bool recursive);
/// Whether a list shows only what belongs to the caller.
bool lists_own_only(const Caller& caller, const std::string& kind);

/// What anonymous callers see of an item.
void reduce_for_anonymous(Json& item);

} // namespace devserver
