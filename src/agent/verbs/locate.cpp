// Which cluster a target's name or alias means when nobody named a cluster and the agent is signed
// in to several: each is asked, and a name that more than one of them knows is an error that lists
// the candidates.

#include "agent/verbs/verbs.hpp"

#include <algorithm>

namespace agent::core::verbs {
namespace {

using controller::percent_encode;

/// Boundary reads a reference without an underscore as an alias; ids are not searched for.
bool is_alias(const TargetOptions& options) {
    return !options.target.empty() && options.target.find('_') == std::string::npos;
}

controller::Request question(const TargetOptions& options) {
    controller::Request request;
    if (is_alias(options)) {
        request.path = "/v1/targets/" + percent_encode(options.target);
    } else {
        const Json name = options.target_name; // quoted as the filter needs it
        request.path = "/v1/targets?scope_id=global&recursive=true&filter=" +
                       percent_encode("\"/item/name\" == " + dump_json(name));
    }
    return request;
}

std::vector<std::string> ids_in(const Json& answer, const TargetOptions& options) {
    std::vector<std::string> ids;
    if (is_alias(options)) {
        ids.push_back(string_member(answer, "id"));
        return ids;
    }
    const Json* items = find_member(answer, "items");
    if (items == nullptr || !items->is_array()) return ids;
    for (const Json& item : *items) {
        const Json* scope = find_member(item, "scope");
        const std::string scope_name = scope == nullptr ? "" : string_member(*scope, "name");
        const bool fits =
            string_member(item, "name") == options.target_name &&
            (options.scope_id.empty() || string_member(item, "scope_id") == options.scope_id) &&
            (options.scope_name.empty() || scope_name == options.scope_name);
        if (fits) ids.push_back(string_member(item, "id"));
    }
    return ids;
}

} // namespace

awaitable<Result<ClusterChoice>> locate(Controllers& controllers, keyring::Logins& logins,
                                        const Clusters& clusters, ClusterChoice choice,
                                        TargetOptions options) {
    const bool searchable = is_alias(options) || !options.target_name.empty();
    if (choice.named || choice.token || !choice.use_stored_login || !searchable) co_return choice;
    co_await logins.ready();
    std::vector<NamedCluster> signed_in;
    const auto held = logins.list();
    for (auto& cluster : clusters.list()) {
        const bool here = std::ranges::any_of(held, [&](const auto& login) {
            return login.key.address == cluster.settings.address &&
                   login.key.token_name == choice.token_name;
        });
        if (here) signed_in.push_back(std::move(cluster));
    }
    if (signed_in.size() < 2) co_return choice;

    std::vector<std::string> candidates;
    std::optional<ClusterChoice> found;
    std::optional<Error> silent; // a cluster that could not be asked may know the name as well
    for (const auto& cluster : signed_in) {
        ClusterChoice there = choice;
        there.settings = cluster.settings;
        there.settings.timeout = choice.settings.timeout;
        there.cluster_name = cluster.name;
        auto request = question(options);
        const auto reply = co_await controllers.ask(there, std::move(request));
        if (!reply) {
            const bool unknown = reply.error().status == 404 || reply.error().status == 403;
            if (!unknown) silent = reply.error();
            continue;
        }
        const auto answer = parse_json(reply->body);
        if (!answer) continue;
        for (const auto& id : ids_in(*answer, options))
            candidates.push_back(id + " in cluster " + cluster.name);
        if (!candidates.empty() && candidates.back().ends_with(" in cluster " + cluster.name))
            found = std::move(there);
    }
    const std::string name = options.target_name.empty() ? options.target : options.target_name;
    if (candidates.size() > 1) {
        std::string list;
        for (const auto& one : candidates) list += (list.empty() ? "" : ", ") + one;
        co_return fail(
            Errc::invalid_argument, Hop::local, "\"" + name + "\" is ambiguous: " + list,
            "name the cluster with -cluster NAME, or the target with -target-id and its cluster");
    }
    if (found && !silent) co_return std::move(*found);
    if (silent) {
        Error error = *silent;
        error.message =
            "\"" + name +
            "\" was looked for in every cluster, and one did not answer: " + error.message;
        error.hint = "name the cluster with -cluster NAME";
        co_return error;
    }
    co_return choice; // nobody knows it: the current cluster says so in its own words
}

} // namespace agent::core::verbs
