#include "agentctl/api/grant.hpp"

#include "support/catch.hpp"

using agentctl::grant_problem;

TEST_CASE("grant: what may be one is let through") {
    for (const char* grant :
         {"ids=*;type=target;actions=list,read", "id=ttcp_1;actions=read",
          "type=target;actions=list", "ids=*;type=*;actions=*;output_fields=id,name",
          "ids={{.User.Id}};actions=read;", "ids=*;type=target;output_fields=id",
          R"({"ids":["*"],"type":"*","actions":["read"]})"})
        CHECK_FALSE(grant_problem(grant).has_value());
}

TEST_CASE("grant: what can be none is named before anything is sent") {
    for (const char* grant :
         {"", "what=is this", "ids=*", "actions=", "ids=;actions=read", "=x", "ids", ";;", "{",
          "{}", "[]", R"({"actions":[]})", R"({"actions":"read"})"})
        CHECK(grant_problem(grant).has_value());
    CHECK(grant_problem("what=is this") == "missing actions");
    CHECK(grant_problem("ids") == "segment \"ids\" is not formatted as key=value");
}
