#pragma once
// What can be done with each kind of resource, and with the collections below each kind of parent:
// the tables behind authorized_actions, whatever the caller may.

#include "devserver/grants/actions.hpp"
#include "devserver/store/resources.hpp"

#include <string_view>
#include <vector>

namespace devserver {

/// As bits of an ActionSet, in the order they are shown.
using ActionList = std::vector<std::size_t>;
const ActionList& actions_of(const Resource& resource);

struct CollectionBelow {
    std::string_view path; ///< "host-sets"
    std::string_view kind; ///< "host-set"
    ActionList actions;
};
const std::vector<CollectionBelow>& collections_below(const Resource& parent);

} // namespace devserver
