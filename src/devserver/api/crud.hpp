#pragma once
// Read, create, update and delete for every collection; what differs between kinds comes from the
// Collection.

#include "devserver/api/call.hpp"

namespace devserver {

Refusal refuse_malformed_id(const Collection& collection, const std::string& id);
/// The item as this caller may see it.
Json render(Call& call, const Collection& collection, const Resource& resource, bool detail);
Json render(Call& call, const Resource& resource, bool detail);

Reply read(Call& call, const Collection& collection);
Reply create(Call& call, const Collection& collection);
/// The same under another name of the action, such as "create:worker-led".
Reply create(Call& call, const Collection& collection, std::string_view action);
Reply update(Call& call, const Collection& collection);
Reply erase(Call& call, const Collection& collection);

/// `version` of a body against the resource's: update and relation changes need it.
Refusal refuse_version(const Call& call, const Resource& resource);

} // namespace devserver
