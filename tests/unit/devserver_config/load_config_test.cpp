#include "devserver/config/dev_config.hpp"

#include "support/catch.hpp"

#include <fstream>
#include <iterator>

using namespace devserver;

namespace {

DevConfig accepted(const std::string& text) {
    auto config = parse_config(text, "dev.toml");
    INFO((config ? std::string() : config.error().message));
    REQUIRE(config.has_value());
    return std::move(*config);
}

std::string refusal(const std::string& text) {
    const auto config = parse_config(text, "dev.toml");
    INFO(text);
    REQUIRE_FALSE(config.has_value());
    CHECK(config.error().code == agent::Errc::invalid_argument);
    return config.error().message;
}

std::string readme_example() {
    std::ifstream file(CONFIG_README);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const auto begin = text.find("```toml\n") + 8;
    return text.substr(begin, text.find("```", begin) - begin);
}

} // namespace

TEST_CASE("config: the README's example is read as it says") {
    const auto config = accepted(readme_example());
    REQUIRE(config.targets.size() == 1);
    const auto& target = config.targets.front();
    CHECK(target.name == "web");
    CHECK(config.projects.at(target.project.value()).name == "web");
    CHECK(config.orgs.at(config.projects.front().org.value()).name == "shop");
    CHECK(target.host_sources == std::vector<std::size_t>{0});
    CHECK(target.default_port == 8080);
    CHECK(target.default_client_port == 18080);
    CHECK(target.session_max_seconds == 3600);
    CHECK(target.session_connection_limit == 10);
    CHECK(target.brokered_credentials == std::vector<std::size_t>{0});
    CHECK(config.users.front().role == DevRole::admin);
    CHECK(config.users.front().name == "ann");
    CHECK(config.credentials.front().password.reveal() == "changeme");
    CHECK(config.hosts.at(config.host_sets.front().hosts.front()).address == "127.0.0.1");
    CHECK(config.aliases.front().target == 0U);
    CHECK(config.aliases.front().host == 0U);
}

TEST_CASE("config: an empty file declares nothing, and defaults are Boundary's") {
    CHECK(accepted("").targets.empty());
    const auto config = accepted("[[target]]\nname='t'\naddress='127.0.0.1'\ndefault_port=22\n");
    CHECK(config.targets.front().session_max_seconds == 28800);
    CHECK(config.targets.front().session_connection_limit == -1);
    CHECK_FALSE(config.targets.front().project.has_value());
    CHECK_FALSE(config.targets.front().default_client_port.has_value());
}

TEST_CASE("config: a JSON credential keeps its object, an alias its lower case") {
    const auto config = accepted(
        "[[credential_store]]\nname='s'\n[[credential]]\nname='c'\nstore='s'\ntype='json'\n"
        "object={user='a', port=5, list=[true]}\n[[alias]]\nvalue='WEB.Example'\n");
    CHECK(agent::Json::parse(config.credentials.front().object.reveal()) ==
          agent::Json::parse(R"({"list":[true],"port":5,"user":"a"})"));
    CHECK(config.aliases.front().value == "web.example");
}

TEST_CASE("config: references are by id as well as by name") {
    const auto config = accepted(
        "[[org]]\nname='a'\nid='o_aaaaaaaaaa'\n[[project]]\nname='p'\norg='o_aaaaaaaaaa'\n");
    CHECK(config.projects.front().org == 0U);
}

TEST_CASE("config: an id is one that its kind can have") {
    CHECK(refusal("[[org]]\nname='a'\nid='shop'\n") ==
          "dev.toml:3:4: org: id: must be o_ and letters or digits");
    CHECK(refusal("[[org]]\nname='a'\nid='o_'\n").find("must be o_") != std::string::npos);
    CHECK(refusal("[[org]]\nname='a'\nid='o_a:b'\n").find("must be o_") != std::string::npos);
    CHECK(refusal("[[alias]]\nvalue='a'\nid='o_a'\n").find("must be alt_") != std::string::npos);
    CHECK(refusal("[[credential_store]]\nname='s'\n[[credential]]\nname='c'\nstore='s'\ntype='json'"
                  "\nobject={}\n"
                  "id='credup_1'\n")
              .find("must be credjson_") != std::string::npos);
}

TEST_CASE("config: every mistake is refused with its line and column") {
    CHECK(refusal("x = 1\n") == "dev.toml:1:1: top level: x is not known here");
    CHECK(refusal("[[org]]\nname = 5\n") == "dev.toml:2:8: org: name: must be a string");
    CHECK(refusal("[[org]]\nid = 'o_1'\n") == "dev.toml:1:1: org: name: is missing");
    CHECK(refusal("[[org]]\nname = ''\n") == "dev.toml:2:8: org: name: must not be empty");
    CHECK(refusal("[[org]]\nname = 'a'\ncolour = 'red'\n") ==
          "dev.toml:3:1: org: colour is not known here");
    CHECK(refusal("[org]\nname = 'a'\n").find("org: write each one as [[org]]") !=
          std::string::npos);
    CHECK(refusal("[[org]]\nname='a'\n[[org]]\nname='a'\n") ==
          "dev.toml:4:6: org: name: \"a\" is taken already");
    CHECK(refusal("[[org]]\nname='a'\nid='o_1'\n[[org]]\nname='b'\nid='o_1'\n") ==
          "dev.toml:6:4: org: id: \"o_1\" is taken already");
    CHECK(refusal("[[project]]\nname='p'\norg='nosuch'\n") ==
          "dev.toml:3:5: project: org: there is no \"nosuch\"");
    CHECK(refusal("name = [\n").find("dev.toml:") == 0);
    CHECK(refusal("org = 'x'\n").find("write each one as [[org]]") != std::string::npos);
    CHECK(refusal("org = ['x']\n").find("write each one as [[org]]") != std::string::npos);
}

TEST_CASE("config: targets, users and aliases that cannot work are refused") {
    const std::string target = "[[target]]\nname='t'\ndefault_port=22\n";
    CHECK(refusal(target).find("either an address or host_sources") != std::string::npos);
    CHECK(refusal("[[target]]\nname='t'\naddress='a'\n").find("default_port: is missing") !=
          std::string::npos);
    CHECK(refusal("[[target]]\nname='t'\naddress='a'\ndefault_port=70000\n")
              .find("from 1 to 65535") != std::string::npos);
    CHECK(refusal("[[target]]\nname='t'\naddress='a'\ndefault_port='22'\n").find("whole number") !=
          std::string::npos);
    CHECK(refusal(target + "address='a'\nsession_connection_limit=0\n").find("-1 (no limit)") !=
          std::string::npos);
    CHECK(refusal(target + "host_sources='x'\n").find("list of strings") != std::string::npos);
    CHECK(refusal(target + "host_sources=[1]\n").find("must be a string") != std::string::npos);
    CHECK(refusal("[[user]]\nlogin_name='a'\npassword='p'\nrole='root'\n")
              .find("\"user\" or \"admin\"") != std::string::npos);
    CHECK(
        refusal("[[user]]\nlogin_name='a'\npassword='p'\n[[user]]\nlogin_name='a'\npassword='p'\n")
            .find("taken") != std::string::npos);
    CHECK(refusal("[[alias]]\nvalue='a'\n[[alias]]\nvalue='A'\n").find("taken already") !=
          std::string::npos);
    const std::string catalog =
        "[[project]]\nname='p'\n[[host_catalog]]\nname='c'\nproject='p'\n"
        "[[host]]\nname='h'\ncatalog='c'\naddress='a'\n[[host_set]]\nname='s'\ncatalog='c'\n";
    CHECK(refusal(catalog + target + "host_sources=['s']\n").find("in another project") !=
          std::string::npos);
    CHECK(
        refusal(catalog + target + "project='p'\nhost_sources=['s','s']\n").find("listed twice") !=
        std::string::npos);
    CHECK(refusal(catalog + target +
                  "project='p'\nhost_sources=['s']\n[[alias]]\nvalue='a'\ntarget='t'\nhost='h'\n")
              .find("not among the target's host sources") != std::string::npos);
}

TEST_CASE("config: no secret is in a message") {
    CHECK(
        refusal("[[user]]\nlogin_name='a'\npassword='opensesame'\nrole='x'\n").find("opensesame") ==
        std::string::npos);
    CHECK(refusal("[[credential]]\nname='c'\nstore='s'\npassword='opensesame'\n")
              .find("opensesame") == std::string::npos);
}

TEST_CASE("config: a file that cannot be read says so") {
    const auto config = load_config("/nonexistent/dev.toml");
    REQUIRE_FALSE(config.has_value());
    CHECK(config.error().code == agent::Errc::environment);
    CHECK(config.error().message == "cannot read /nonexistent/dev.toml");
    CHECK_FALSE(load_config("/").has_value());
}
