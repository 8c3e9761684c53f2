#pragma once
// Acl: all grants of one caller, put together once per request and then asked per resource.

#include "devserver/grants/grant.hpp"
#include "devserver/grants/output_fields.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace devserver {

/// Where a grant comes from: a role's scope, and one of its grant scopes.
struct GrantPlace {
    std::string role_scope;
    std::string grant_scope; ///< "this", "children", "descendants" or a scope's id
};

/// What is asked about: a resource, or with an empty id the collection of its type.
struct Asked {
    std::string_view scope_id;
    std::string_view parent_scope_id; ///< of that scope; empty for global
    std::string_view type;
    std::string_view id = {};
    std::string_view parent_id = {}; ///< auth method, host catalog, credential store
};

class Acl {
  public:
    /// `user_id` and `account_id` are what templates stand for.
    Acl(std::string user_id, std::string account_id, bool anonymous)
        : user_id_(std::move(user_id)), account_id_(std::move(account_id)), anonymous_(anonymous) {}

    void add(const Grant& grant, const GrantPlace& place);
    /// Everything allowed, of whatever kind: callers mask it with what the type knows.
    ActionSet allowed(const Asked& asked) const { return allowed(asked, anonymous_); }
    /// As if the caller were not anonymous: tells "nobody may" from "log in first".
    ActionSet allowed_if_known(const Asked& asked) const { return allowed(asked, false); }
    /// Whether any resource of this type, whichever, may be reached in that scope by one of these.
    bool reaches_any(const Asked& asked, const ActionSet& actions) const;
    /// What the grants of this action, and those of fields alone, let out.
    OutputFields output_fields(const Asked& asked, const ActionSet& actions) const;
    bool names_fields() const { return names_fields_; }
    /// The same text for the same grants: a list goes on only while they are what they were.
    std::string fingerprint() const;

  private:
    struct Rule {
        enum class Reach : std::uint8_t { scope, children, descendants };
        Reach reach = Reach::scope;
        std::string scope_id;
        std::string id; ///< empty: the collection; "*": all
        std::string type;
        ActionSet actions; ///< with what they bring
        std::optional<std::set<std::string, std::less<>>> fields;
    };
    static bool reaches(const Rule& rule, const Asked& asked);
    /// The actions of the rule that speak of what is asked about; `matches` when it does at all.
    static ActionSet speaks_of(const Rule& rule, const Asked& asked, bool anonymous, bool& matches);
    ActionSet allowed(const Asked& asked, bool anonymous) const;

    std::string user_id_;
    std::string account_id_;
    bool anonymous_;
    bool names_fields_ = false;
    std::vector<Rule> rules_;
};

} // namespace devserver
