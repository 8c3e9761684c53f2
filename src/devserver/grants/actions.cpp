#include "devserver/grants/actions.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace devserver {
namespace {

constexpr auto names = std::to_array<std::string_view>({
    "no-op",
    "list",
    "create",
    "read",
    "update",
    "delete",
    "authenticate",
    "authorize-session",
    "cancel",
    "read:self",
    "cancel:self",
    "delete:self",
    "change-state",
    "set-password",
    "change-password",
    "deauthenticate",
    "add-grants",
    "set-grants",
    "remove-grants",
    "add-grant-scopes",
    "set-grant-scopes",
    "remove-grant-scopes",
    "add-principals",
    "set-principals",
    "remove-principals",
    "add-members",
    "set-members",
    "remove-members",
    "add-accounts",
    "set-accounts",
    "remove-accounts",
    "add-hosts",
    "set-hosts",
    "remove-hosts",
    "add-host-sources",
    "set-host-sources",
    "remove-host-sources",
    "add-credential-sources",
    "set-credential-sources",
    "remove-credential-sources",
    "create:worker-led",
    "create:controller-led",
    "add-worker-tags",
    "set-worker-tags",
    "remove-worker-tags",
    "read-certificate-authority",
    "reinitialize-certificate-authority",
    "list-keys",
    "rotate-keys",
    "list-key-version-destruction-jobs",
    "destroy-key-version",
    "download",
    "attach-storage-policy",
    "detach-storage-policy",
    "reapply-storage-policy",
    "monthly-active-users",
    "list-resolvable-aliases",
});
static_assert(names.size() <= max_actions);

} // namespace

std::optional<std::size_t> find_action(std::string_view name) {
    const auto found = std::ranges::find(names, name);
    if (found == names.end()) return std::nullopt;
    return static_cast<std::size_t>(found - names.begin());
}

std::string_view action_name(std::size_t action) {
    return names.at(action);
}

ActionSet all_actions() {
    ActionSet all;
    for (std::size_t i = 0; i < names.size(); ++i) all.set(i);
    return all;
}

ActionSet action_set(std::initializer_list<std::string_view> wanted) {
    ActionSet set;
    for (const auto name : wanted) {
        const auto action = find_action(name);
        if (!action) throw std::logic_error("no such action: " + std::string(name));
        set.set(*action);
    }
    return set;
}

ActionSet with_subactions(ActionSet actions) {
    for (std::size_t i = 0; i < names.size(); ++i) {
        const auto colon = names[i].find(':');
        if (colon == std::string_view::npos) continue;
        const auto parent = find_action(names[i].substr(0, colon));
        if (parent && actions.test(*parent)) actions.set(i);
    }
    return actions;
}

const ActionSet& collection_actions() {
    static const ActionSet set = with_subactions(action_set({"list", "create"}));
    return set;
}

} // namespace devserver
