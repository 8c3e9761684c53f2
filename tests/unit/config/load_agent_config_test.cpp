#include "support/catch.hpp"
#include "support/temp_dir.hpp"
#include "unit/config/support.hpp"

#include <sys/stat.h>

using namespace agent::config;
using agent::test::TempDir;

namespace {

const std::string one_cluster = "[cluster.lab]\naddress = 'http://127.0.0.1:9200'\n";

std::string written(const TempDir& folder, const std::string& text) {
    return folder.file("config.toml", text).string();
}

} // namespace

TEST_CASE("config: a file is read, and its name stands before its mistakes") {
    const TempDir folder;
    const auto path = written(folder, one_cluster + "[proxy.pg]\ntarget = 'ttcp_1'\n");
    const auto config = load_agent_config(path);
    REQUIRE(config.has_value());
    CHECK(config->proxies.size() == 1);
    written(folder, one_cluster + "oops = 1\n");
    const auto refused = load_agent_config(path);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().message.starts_with(path + ":3:1: cluster.lab: oops is not known"));
}

TEST_CASE("config: no file declares nothing, unless it was asked for by name") {
    const auto path = "/nonexistent/config.toml";
    const auto config = load_agent_config_if_there(path);
    REQUIRE(config.has_value());
    CHECK(*config == AgentConfig{});
    const auto refused = load_agent_config(path);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == agent::Errc::environment);
}

TEST_CASE("config: a file that anybody could have written is refused") {
    const TempDir folder;
    const auto path = written(folder, one_cluster);
    ::chmod(path.c_str(), 0666);
    const auto refused = load_agent_config_if_there(path);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().message == path + " can be written by every user");
    CHECK(refused.error().hint == "chmod o-w " + path);
}

TEST_CASE("config: what is no file is refused at once") {
    const TempDir folder;
    CHECK_FALSE(load_agent_config(folder.path().string()).has_value());
    const auto pipe = (folder.path() / "pipe").string();
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    const auto refused = load_agent_config(pipe);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().message == pipe + " is not a file");
}
