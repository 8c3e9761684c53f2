#include "devserver/grants/parse_grant.hpp"
#include "support/catch.hpp"

#include <nlohmann/json.hpp>

using namespace devserver;

namespace {

std::string canonical(std::string_view text) {
    const auto grant = parse_grant(text);
    return grant ? canonical_grant(*grant) : "error: " + grant.error().message;
}

} // namespace

TEST_CASE("a grant has one canonical form, whichever way it was written") {
    CHECK(canonical("ids=*;type=*;actions=*") == "ids=*;type=*;actions=*");
    CHECK(canonical("actions=read,list;type=TARGET;ids=*") ==
          "ids=*;type=target;actions=list,read");
    CHECK(canonical(R"({"ids":["*"],"type":"target","actions":["Read","list"]})") ==
          "ids=*;type=target;actions=list,read");
    CHECK(canonical("type=target;actions=list") == "type=target;actions=list");
    CHECK(canonical("ids=ttcp_1,ttcp_2;actions=authorize-session") ==
          "ids=ttcp_1,ttcp_2;actions=authorize-session");
    CHECK(canonical("ids={{.User.Id}};type=user;actions=list-resolvable-aliases") ==
          "ids={{.User.Id}};type=user;actions=list-resolvable-aliases");
    CHECK(canonical("ids={{ account.id }};actions=read,change-password") ==
          "ids={{ account.id }};actions=change-password,read");
    CHECK(canonical("ids=*;type=session;output_fields=version,id") ==
          "ids=*;type=session;output_fields=id,version");
    CHECK(canonical("ids=*;type=session;output_fields=") == "ids=*;type=session;output_fields=");
    CHECK(canonical("id=*;type=session;actions=list") == "id=*;type=session;actions=list");
    CHECK(canonical("ids=hcst_1;type=*;actions=*") == "ids=hcst_1;type=*;actions=*");
    CHECK(canonical("ids=hcst_1;type=host;actions=create,list") ==
          "ids=hcst_1;type=host;actions=create,list");
}

TEST_CASE("a grant that could never allow anything, or says nonsense, is refused") {
    for (const char* text : {"",
                             "what=is this",
                             "ids=*",
                             "ids=*;actions=read",
                             "ids=*;type=target",
                             "ids=*;type=;",
                             "ids=*;type=target;actions=",
                             "ids=*;type=target;actions=fly",
                             "ids=*;type=spaceship;actions=read",
                             "ids=*,ttcp_1;type=target;actions=read",
                             "ids=ttcp_1,hst_1;actions=read",
                             "ids=zzz_1;actions=read",
                             "ids=,;actions=read",
                             "ids={{.Nobody}};actions=read",
                             "id=ttcp_1;ids=ttcp_2;actions=read",
                             "id=ttcp_1,ttcp_2;actions=read",
                             "ids=*;type=target;actions=*,read",
                             "type=*;actions=list",
                             "type=target;actions=read",
                             "type=target;actions=*",
                             "type=host;actions=list",
                             "ids=ttcp_1;actions=list",
                             "ids=ttcp_1;type=*;actions=read",
                             "ids=hcst_1;type=target;actions=read",
                             "ids=hst_1;type=host;actions=read",
                             "ids=ttcp_1;type=target;actions=list",
                             "ids==;actions=read",
                             "=x",
                             ";;;",
                             "[]",
                             "{",
                             "{}",
                             R"({"ids":"*","type":"target","actions":["read"]})",
                             R"({"ids":[5],"type":"target","actions":["read"]})",
                             R"({"ids":["a;b"],"type":"target","actions":["read"]})",
                             R"({"ids":["*"],"type":7,"actions":["read"]})",
                             R"({"ids":["*"],"type":"target","actions":"read"})",
                             R"({"ids":[[[["*"]]]],"type":"target","actions":["read"]})"}) {
        INFO(text);
        CHECK_FALSE(parse_grant(text).has_value());
    }
}

TEST_CASE("a grant is bounded in length and in ids") {
    CHECK_FALSE(
        parse_grant("ids=*;type=target;actions=read;" + std::string(5000, 'x')).has_value());
    std::string ids = "ids=ttcp_0";
    for (int i = 1; i < 400; ++i) ids += ",ttcp_" + std::to_string(i);
    CHECK_FALSE(parse_grant(ids + ";actions=read").has_value());
}

TEST_CASE("a grant as JSON has its members and nothing that was not said") {
    const auto json = grant_json(parse_grant("ids=*;type=*;actions=read").value());
    CHECK(agent::dump_json(json) == R"({"ids":["*"],"type":"*","actions":["read"]})");
}
