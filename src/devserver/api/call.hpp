#pragma once
// Call: one request on its way through a handler: who asks, what, and the state to answer from.
// Collection: what the API knows of one kind of resource; the table of all of them is in
// collections.cpp.

#include "devserver/api/caller.hpp"
#include "devserver/api/errors.hpp"
#include "devserver/api/message.hpp"
#include "devserver/api/request_target.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace devserver {

struct ApiSettings {
    std::vector<std::string> worker_addresses; ///< "host:port", what authorization tokens name
};

struct Call {
    Store& store;
    const ApiSettings& settings;
    Caller caller;
    RequestTarget target;
    Json body = Json::object();
    std::string action = {};                 ///< what grants call it: "read", "list", "add-hosts"
    std::map<std::string, Json> scopes = {}; ///< as items show them; a thousand items are of a few
    std::map<std::string, std::string> parent_scopes = {}; ///< of the same

    std::string parameter(const std::string& name) const {
        const auto found = target.query.find(name);
        return found == target.query.end() ? std::string() : found->second;
    }
};

struct Collection {
    enum class Scopes : std::uint8_t { project, global_or_org, global, any };

    std::string_view path; ///< "host-sets"
    std::string_view kind; ///< "host-set"
    std::vector<std::string_view> prefixes;
    Scopes scopes = Scopes::any;
    std::string_view parent_parameter =
        {}; ///< "host_catalog_id" where a parent is listed instead of a scope
    /// The whole item as somebody with every right sees it. `detail`: a read, not a list.
    Json (*fields)(Call& call, const Resource& resource, bool detail) = nullptr;
    /// Members an update may name, besides name, description and attributes.
    std::vector<std::string_view> updatable = {};
    /// Takes the kind's own members of a create or update body into `resource`. nullptr: not
    /// writable.
    void (*accept)(Call& call, Resource& resource, bool creating, FieldErrors& errors) = nullptr;
    /// What refuses a new one as a whole, after its fields were accepted.
    Refusal (*refuse)(Call& call, const Resource& resource) = nullptr;
    /// After a create or update was written: what lies outside the row.
    void (*written)(Call& call, const Resource& resource) = nullptr;
    using Action = Reply (*)(Call& call, const Resource& resource);
    std::map<std::string, Action, std::less<>> actions = {};
    /// Of the collection itself, such as "rotate-keys" of scopes.
    std::map<std::string, Reply (*)(Call& call), std::less<>> own_actions = {};
    bool creatable = true; ///< by a plain POST; workers are by own actions
    bool deletable = false;
    /// Of the last page element when it is no id: targets by name or alias.
    Reply (*by_reference)(Call& call) = nullptr;
};

const std::vector<Collection>& collections();
/// Whether resources of this kind are in scopes of such a type.
bool fits_into(const Collection& collection, const Resource& scope);

} // namespace devserver
