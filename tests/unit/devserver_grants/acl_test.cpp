#include "devserver/grants/acl.hpp"
#include "devserver/grants/parse_grant.hpp"
#include "support/catch.hpp"

using namespace devserver;

namespace {

/// A caller who holds these grants by one role.
struct Holder {
    Acl acl = Acl("u_me", "acctpw_me", false);
    Holder& grant(const std::string& text, const std::string& scope = "this",
                  const std::string& role_scope = "global") {
        acl.add(parse_grant(text).value(), {role_scope, scope});
        return *this;
    }
    bool may(const std::string& action, const Asked& asked) const {
        return (acl.allowed(asked) & action_set({action})).any();
    }
};

const Asked target{"p_1", "o_1", "target", "ttcp_1", {}};
const Asked targets{"p_1", "o_1", "target", {}, {}};
const Asked host{"p_1", "o_1", "host", "hst_1", "hcst_1"};
const Asked hosts{"p_1", "o_1", "host", {}, "hcst_1"};
const Asked org{"global", "", "scope", "o_1", {}};

} // namespace

TEST_CASE("a grant scope is this one, its children, all below global, or one by its id") {
    const std::string all = "ids=*;type=target;actions=read";
    CHECK(Holder().grant(all, "this", "p_1").may("read", target));
    CHECK_FALSE(Holder().grant(all, "this", "o_1").may("read", target));
    CHECK(Holder().grant(all, "children", "o_1").may("read", target));
    CHECK_FALSE(Holder().grant(all, "children", "global").may("read", target));
    CHECK(Holder().grant(all, "descendants", "global").may("read", target));
    CHECK(Holder().grant(all, "p_1", "o_1").may("read", target));
    CHECK_FALSE(Holder().grant(all, "p_2", "o_1").may("read", target));
    CHECK_FALSE(Holder().grant("ids=*;type=*;actions=*", "descendants").may("read", org));
    CHECK(Holder().grant("ids=*;type=*;actions=*", "this").may("read", org));
}

TEST_CASE("ids of one resource, of everything, of what is below a parent, or of a collection") {
    const auto here = [](const std::string& text) { return Holder().grant(text, "p_1"); };
    const auto one = here("ids=ttcp_1;actions=read");
    CHECK(one.may("read", target));
    CHECK_FALSE(one.may("update", target));
    CHECK_FALSE(one.may("read", {"p_1", "o_1", "target", "ttcp_2", {}}));
    CHECK_FALSE(one.may("list", targets));
    const auto every = here("ids=*;type=target;actions=*");
    CHECK(every.may("delete", target));
    CHECK(every.may("create", targets));
    CHECK_FALSE(every.may("read", host));
    const auto below = here("ids=hcst_1;type=host;actions=create,read");
    CHECK(below.may("read", host));
    CHECK(below.may("create", hosts));
    CHECK_FALSE(below.may("list", hosts));
    CHECK_FALSE(below.may("read", {"p_1", "o_1", "host", "hst_1", "hcst_2"}));
    CHECK_FALSE(below.may("read", {"p_1", "o_1", "host-set", "hsst_1", "hcst_1"}));
    const auto anything_below = here("ids=hcst_1;type=*;actions=read");
    CHECK(anything_below.may("read", {"p_1", "o_1", "host-set", "hsst_1", "hcst_1"}));
    CHECK_FALSE(anything_below.may("read", {"p_1", "o_1", "host-catalog", "hcst_1", {}}));
    const auto collection = here("type=target;actions=list");
    CHECK(collection.may("list", targets));
    CHECK_FALSE(collection.may("create", targets));
    CHECK_FALSE(collection.may("read", target));
}

TEST_CASE("read brings read:self, create both ways of making workers; not the other way round") {
    const Asked session{"p_1", "o_1", "session", "s_1", {}};
    CHECK(Holder().grant("ids=*;type=session;actions=read", "p_1").may("read:self", session));
    CHECK_FALSE(Holder().grant("ids=*;type=session;actions=read:self", "p_1").may("read", session));
    const Asked workers{"global", "", "worker", {}, {}};
    const auto maker = Holder().grant("type=worker;actions=create");
    CHECK(maker.may("create:worker-led", workers));
    CHECK(maker.may("create:controller-led", workers));
}

TEST_CASE("templates stand for the caller's user and account") {
    const auto own = Holder()
                         .grant("ids={{.User.Id}};actions=read")
                         .grant("ids={{.Account.Id}};actions=change-password");
    CHECK(own.may("read", {"global", "", "user", "u_me", {}}));
    CHECK_FALSE(own.may("read", {"global", "", "user", "u_other", {}}));
    CHECK(own.may("change-password", {"global", "", "account", "acctpw_me", "ampw_1"}));
    CHECK_FALSE(own.may("change-password", {"global", "", "account", "acctpw_you", "ampw_1"}));
}

TEST_CASE("an anonymous caller lists scopes and auth methods and logs in, whatever roles say") {
    Holder nobody;
    nobody.acl = Acl({}, {}, true);
    nobody.grant("ids=*;type=*;actions=*").grant("ids=*;type=*;actions=*", "descendants");
    CHECK_FALSE(nobody.may("read", target));
    CHECK_FALSE(nobody.may("list", {"global", "", "scope", {}, {}}));
    nobody.grant("ids=*;type=scope;actions=list,read,no-op");
    nobody.grant("ids=*;type=auth-method;actions=*");
    CHECK(nobody.may("list", {"global", "", "scope", {}, {}}));
    CHECK_FALSE(nobody.may("read", org));
    CHECK(nobody.may("authenticate", {"global", "", "auth-method", "ampw_1", {}}));
    CHECK_FALSE(nobody.may("delete", {"global", "", "auth-method", "ampw_1", {}}));
}

TEST_CASE("output fields add up, and come from grants of the action or of fields alone") {
    const auto fields_of = [](const Holder& holder, const char* action) {
        return holder.acl.output_fields(target, action_set({action}));
    };
    Holder holder;
    holder.grant("ids=*;type=target;actions=read", "p_1");
    CHECK(fields_of(holder, "read").all());
    holder.grant("ids=*;type=target;actions=read;output_fields=id", "p_1");
    CHECK(fields_of(holder, "read").has("id"));
    CHECK_FALSE(fields_of(holder, "read").has("name"));
    holder.grant("ids=*;type=target;actions=update;output_fields=version", "p_1");
    CHECK_FALSE(fields_of(holder, "read").has("version"));
    holder.grant("ids=*;type=target;output_fields=name", "p_1");
    CHECK(fields_of(holder, "read").has("name"));
    CHECK_FALSE(Holder().grant("ids=*;type=target;output_fields=*", "p_1").may("read", target));
}

TEST_CASE("the same grants have the same fingerprint, in whatever order they come") {
    const auto print = [](std::vector<std::string> grants) {
        Holder holder;
        for (const auto& text : grants) holder.grant(text);
        return holder.acl.fingerprint();
    };
    const std::string read = "ids=*;type=target;actions=read";
    const std::string list = "type=target;actions=list";
    CHECK(print({read, list}) == print({list, read}));
    CHECK(print({read}) != print({list}));
    CHECK(print({read}) != print({read + ";output_fields=id"}));
}
