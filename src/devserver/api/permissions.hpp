#pragma once
// Who may do what: the caller's grants (grants/acl.hpp) asked about the store's resources.
// authorized_actions in answers and every permission check come from the same evaluation.

#include "devserver/api/call.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace devserver {

/// The caller's own sessions and tokens count with their ":self" actions, others' do not.
std::vector<std::string> authorized_actions(Call& call, const Resource& resource);
/// For a parent: collection → actions, such as {"targets": ["create", "list"]}.
Json authorized_collection_actions(Call& call, const Resource& parent);

/// nullopt when allowed. "read" is also allowed by "read:self" where the resource is the caller's.
Refusal refuse_action(Call& call, const Resource& resource, std::string_view action);
/// An action on a collection of a scope, or below a parent in it: create, list, rotate-keys …
Refusal refuse_in_scope(Call& call, const std::string& scope_id, std::string_view kind,
                        std::string_view action, const std::string& parent_id = {});
/// A list over several scopes goes over those where it is allowed. In none: 403, where others say
/// 401, as the reference does.
Refusal keep_listable(Call& call, std::string_view kind, std::vector<std::string>& scopes);
/// Whether a list of sessions or tokens can only show what belongs to the caller.
bool lists_own_only(Call& call, std::string_view kind, const std::vector<std::string>& scopes);

/// Takes out of an item what the caller's grants do not let out.
void reduce_to_output_fields(Call& call, const Resource& resource, Json& item);

} // namespace devserver
