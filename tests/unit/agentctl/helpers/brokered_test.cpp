#include "agentctl/helpers/brokered.hpp"

#include "subject.hpp"

using agentctl::helpers::Brokered;
using agentctl::helpers::Kind;
using namespace agentctl::test;

namespace {

Brokered sorted(const std::vector<agent::Json>& credentials) {
    auto made = Brokered::sort(credentials);
    REQUIRE(made.has_value());
    return std::move(*made);
}

} // namespace

TEST_CASE("brokered: credentials are known by their type, and Vault's by what they hold") {
    const agent::Json login{{"username", "ann"}, {"password", "pw"}};
    const agent::Json key{{"username", "ann"}, {"private_key", "KEY"}};
    CHECK(sorted({brokered("username_password", login)}).first(Kind::username_password)->username ==
          "ann");
    CHECK(sorted({brokered("", login)}).first(Kind::username_password) != nullptr);
    CHECK(sorted({brokered("ssh_private_key", key)}).first(Kind::ssh_private_key) != nullptr);
    CHECK(sorted({brokered("", key)}).first(Kind::ssh_private_key) != nullptr);
    CHECK(sorted({brokered("password", {{"password", "pw"}})}).first(Kind::password) != nullptr);
    // Incomplete: what is there may still be something.
    CHECK(sorted({brokered("username_password", {{"password", "pw"}})}).first(Kind::password) !=
          nullptr);
    // These have more members than any program here can use.
    for (const char* type : {"json", "username_password_domain"})
        CHECK(sorted({brokered(type, login)}).first(Kind::username_password) == nullptr);
}

TEST_CASE(
    "brokered: what nobody consumed is printed by kind, and only the first of a kind is used") {
    const auto other = brokered("json", {{"a", "b"}});
    const auto first = user_password("ann", "1");
    const auto second = user_password("bob", "2");
    const auto key = brokered("ssh_private_key", {{"username", "u"}, {"private_key", "K"}});
    const auto password = brokered("password", {{"password", "3"}});
    auto all = sorted({password, first, second, key, other});
    CHECK(all.rest() == std::vector<agent::Json>{other, key, first, second, password});
    all.first(Kind::username_password)->consumed = true;
    CHECK(all.rest() == std::vector<agent::Json>{other, key, second, password});
}

TEST_CASE("brokered: a credential that does not say where it is from cannot be read: bad usage") {
    const auto made = Brokered::sort({agent::Json{{"secret", {{"raw", "x"}}}}});
    REQUIRE_FALSE(made.has_value());
    CHECK(agent::exit_code(made.error()) == 3);
    CHECK(made.error().message.starts_with("Error interpreting secret"));
}
