#include "support/catch.hpp"
#include "support/temp_dir.hpp"
#include "unit/config/support.hpp"

#include <sys/stat.h>

using namespace agent::config;
using agent::test::TempDir;

namespace {

const std::string lab = "[cluster.lab]\naddress = 'http://127.0.0.1:9200'\n";

std::string written(const TempDir& folder, const std::string& text) {
    return folder.file("config.toml", text).string();
}

using Names = std::vector<std::string>;

} // namespace

TEST_CASE("config: a file is read, and its name stands before its mistakes") {
    const TempDir folder;
    const auto path = written(folder, lab + "[proxy.pg]\ntarget = 'ttcp_1'\n");
    const auto config = load_agent_config(path);
    REQUIRE(config.has_value());
    CHECK(config->proxies.size() == 1);
    written(folder, lab + "oops = 1\n");
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
    const auto path = written(folder, lab);
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

TEST_CASE("config: a comparison names what was added, changed and removed") {
    const auto proxy = [](const std::string& name, const std::string& more) {
        return "[proxy." + name + "]\ntarget = 'ttcp_1'\ncluster = 'lab'\n" + more;
    };
    const auto before = accepted(lab + proxy("a", "") + proxy("b", "") + proxy("c", ""));
    CHECK(compare(before, before).empty());
    const auto change = compare(before, accepted(lab + proxy("b", "eager = true\n") + proxy("c", "") + proxy("d", "")));
    CHECK(change.added == Names{"d"});
    CHECK(change.changed == Names{"b"});
    CHECK(change.removed == Names{"a"});
}

TEST_CASE("config: a cluster's change is a change of its proxies, another default is not") {
    const std::string pg = "[proxy.pg]\ntarget = 'ttcp_1'\ncluster = 'lab'\n";
    const auto before = accepted(lab + pg);
    CHECK(compare(before, accepted("[cluster.lab]\naddress = 'http://127.0.0.1:9300'\n" + pg)).changed == Names{"pg"});
    const std::string second = "[cluster.b]\naddress = 'http://b'\ndefault = true\n";
    CHECK(compare(before, accepted(lab + second + pg)).empty());
}
