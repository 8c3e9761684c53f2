#include "support/catch.hpp"
#include "unit/config/support.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>

using namespace agent::config;

namespace {

const std::string lab = "[cluster.lab]\naddress = 'http://127.0.0.1:9200'\n";
const std::string pg = lab + "[proxy.pg]\ntarget = 'ttcp_1'\n"; // the next line is the sixth

std::string readme() {
    std::ifstream file(CONFIG_README);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string readme_example() {
    const auto text = readme();
    const auto begin = text.find("```toml\n") + 8;
    return text.substr(begin, text.find("```", begin) - begin);
}

/// The words in backquotes in the first column of the README's table for `kind`.
std::set<std::string> documented_keys(const std::string& kind) {
    const auto text = readme();
    std::set<std::string> keys;
    const std::regex word("`([a-z_]+)`");
    auto begin = text.find("| key of `[" + kind);
    REQUIRE(begin != std::string::npos);
    begin = text.find("|---|---|\n", begin) + 10;
    std::istringstream rows(text.substr(begin, text.find("\n\n", begin) - begin));
    for (std::string row; std::getline(rows, row);) {
        const auto cell = row.substr(0, row.find('|', 1));
        for (std::sregex_iterator it(cell.begin(), cell.end(), word), end; it != end; ++it)
            keys.insert((*it)[1]);
    }
    return keys;
}

/// Those that the parser names when it meets one it does not know.
std::set<std::string> known_keys(const std::string& table) {
    const auto message = refusal("[" + table + "]\nnonsense = 1\n");
    const std::string marker = "nonsense is not known; the keys here are ";
    const auto begin = message.find(marker);
    REQUIRE(begin != std::string::npos);
    std::istringstream words(
        message.substr(begin + marker.size(), message.find('\n', begin) - begin - marker.size()));
    std::set<std::string> keys;
    for (std::string word; words >> word;) {
        if (word.ends_with(',')) word.pop_back();
        keys.insert(word);
    }
    return keys;
}

} // namespace

TEST_CASE("config: the README's example is read as it says") {
    ::setenv("HOME", "/home/ann", 1);
    const auto config = accepted(readme_example());
    REQUIRE(config.clusters.size() == 2);
    const auto* work = config.cluster("work");
    REQUIRE(work != nullptr);
    CHECK(config.cluster("") == work);
    CHECK(work->address == "https://boundary.example.com:9200");
    CHECK(work->ca_cert == "/home/ann/.config/agentd/work-ca.pem");
    CHECK(work->auth_method == "ampw_1234567890");
    CHECK(work->scope == "o_1234567890");
    CHECK_FALSE(config.cluster("lab")->is_default);
    CHECK(config.cluster("nosuch") == nullptr);

    REQUIRE(config.proxies.size() == 3);
    const auto& metrics = config.proxies[0];
    CHECK(metrics.name == "metrics");
    CHECK(metrics.cluster == "lab");
    CHECK(metrics.target.empty());
    CHECK(metrics.target_name == "metrics");
    CHECK(metrics.scope_name == "observability");
    CHECK(metrics.scope_id.empty());
    CHECK(metrics.host_id == "hst_1234567890");
    CHECK(metrics.listen_address == "0.0.0.0");
    CHECK(metrics.listen_port == 9090);
    CHECK(metrics.shared);
    CHECK(metrics.inactive_timeout == std::chrono::minutes(10));
    CHECK_FALSE(metrics.warm);
    CHECK(metrics.keep_alive == std::chrono::minutes(1));
    const auto& postgres = config.proxies[1];
    CHECK(postgres.target == "ttcp_1234567890");
    CHECK(postgres.listen_port == 5432);
    CHECK(postgres.eager);
    CHECK(postgres.listen_address == "127.0.0.1");
    CHECK(postgres.after_cancel == AfterCancel::ask);
    CHECK(postgres.warm);
    CHECK_FALSE(postgres.keep_alive);
    const auto& web = config.proxies[2];
    CHECK(web.cluster == "work");
    CHECK(web.target == "web.shop");
    CHECK(web.listen_port == 0);
    CHECK(web.after_cancel == AfterCancel::reauthorize);
    CHECK(config.notifications.enabled);
    CHECK(config.keyring.type == "secret-service");
}

TEST_CASE("config: the README names every key that is read, and no other") {
    CHECK(documented_keys("cluster.NAME") == known_keys("cluster.x"));
    CHECK(documented_keys("proxy.NAME") == known_keys("proxy.x"));
    CHECK(documented_keys("notifications") == known_keys("notifications"));
    CHECK(documented_keys("keyring") == known_keys("keyring"));
}

TEST_CASE("config: an empty file declares nothing") {
    CHECK(accepted("") == AgentConfig{});
    CHECK(accepted("# only a comment\n").notifications.enabled);
    CHECK_FALSE(accepted("[notifications]\nenabled = false\n").notifications.enabled);
}

TEST_CASE("config: the only cluster is the default one, of two neither") {
    CHECK(accepted(pg).proxies.front().cluster == "lab");
    const auto two = "[cluster.b]\naddress = 'http://b'\n" + lab;
    CHECK(accepted(two).cluster("") == nullptr);
    CHECK(refusal(two + "[proxy.pg]\ntarget = 't'\n") ==
          "c.toml:5:1: proxy.pg: cluster is missing, and no cluster is the default");
    CHECK(refusal("[proxy.pg]\ntarget = 't'\n").find("the file declares none") !=
          std::string::npos);
    CHECK(refusal("[cluster.a]\naddress='http://a'\ndefault=true\n[cluster.b]\naddress='http://"
                  "b'\ndefault=true\n") ==
          "c.toml:6:9: cluster.b: default is true for another cluster already");
}

TEST_CASE("config: mistakes are named with line and column") {
    CHECK(refusal("x = 1\n").starts_with("c.toml:1:1: x is not known; a file has"));
    CHECK(refusal(pg + "prot = 5432\n")
              .starts_with("c.toml:5:1: proxy.pg: prot is not known; the keys here are"));
    CHECK(refusal(pg + "port = '5432'\n") == "c.toml:5:8: proxy.pg: port must be a whole number");
    CHECK(refusal(pg + "port = 0\n") == "c.toml:5:8: proxy.pg: port must be from 1 to 65535");
    CHECK(refusal(pg + "shared = 1\n") == "c.toml:5:10: proxy.pg: shared must be true or false");
    CHECK(refusal(pg + "cluster = 'work'\n") ==
          "c.toml:5:11: proxy.pg: cluster is \"work\", but there is no [cluster.work]");
    CHECK(refusal(pg + "alias = 'a.b'\n") ==
          "c.toml:3:1: proxy.pg: needs exactly one of target (an id), alias, and name with scope");
    CHECK(refusal(pg + "after_cancel = 'never'\n") ==
          "c.toml:5:16: proxy.pg: after_cancel must be \"ask\" or \"reauthorize\"");
    for (const std::string wrong : {"30", "'30'", "'-5s'", "''", "'soon'"})
        CHECK(refusal(pg + "keep_alive = " + wrong + "\n") ==
              "c.toml:5:14: proxy.pg: keep_alive must be a duration such as \"30s\" or \"1h5m\", "
              "or \"0\"");
    CHECK(accepted(pg + "keep_alive = '0'\n").proxies.front().keep_alive ==
          std::chrono::milliseconds(0));
    CHECK(refusal(pg + "bind = 'localhost'\n") ==
          "c.toml:5:8: proxy.pg: bind must be an address in numbers, as 127.0.0.1 or ::1");
    CHECK(refusal(pg + "bind = '::'\n") ==
          "c.toml:5:8: proxy.pg: bind lets others in: say shared = true as well");
    CHECK(refusal(pg + "host = ''\n") == "c.toml:5:8: proxy.pg: host must not be empty");
    CHECK(refusal(lab + "[proxy.pg]\nname = 'pg'\n") ==
          "c.toml:4:8: proxy.pg: name needs the other of name and scope");
    CHECK(refusal("[cluster.a]\n") == "c.toml:1:1: cluster.a: address is missing");
    CHECK(refusal("[cluster.a]\naddress = 'boundary:9200'\n") ==
          "c.toml:2:11: cluster.a: address must begin with https://, http:// or unix:///");
    CHECK(refusal("[cluster.a]\naddress = 'https://boundary:99999'\n") ==
          "c.toml:2:11: cluster.a: address must have a port from 1 to 65535");
    CHECK(refusal("[cluster.a]\naddress = 'https://boundary/ui'\n") ==
          "c.toml:2:11: cluster.a: address must have nothing but host and port");
    CHECK(refusal(lab + "ca_cert = 'ca.pem'\n") ==
          "c.toml:3:11: cluster.lab: ca_cert must begin with / or ~/");
    CHECK(refusal(lab + "client_key = '/k'\n") ==
          "c.toml:3:14: cluster.lab: client_key needs the other of client_cert and client_key");
    CHECK(refusal("[cluster.Work]\naddress = 'http://a'\n")
              .starts_with("c.toml:1:10: cluster: \"Work\" is no name"));
    CHECK(refusal("proxy = 1\n") == "c.toml:1:9: write each proxy as [proxy.NAME]");
    CHECK(refusal("[[proxy]]\n").find("write each proxy as [proxy.NAME]") != std::string::npos);
    CHECK(refusal("[proxy]\npg = 1\n") == "c.toml:2:1: write each proxy as [proxy.NAME]");
    CHECK(refusal("notifications = false\n") == "c.toml:1:17: write it as [notifications]");
    CHECK(
        refusal("[keyring]\ntype = 'pass'\n") ==
        "c.toml:2:8: keyring: type must be \"secret-service\", \"kernel\", \"memory\" or \"file\"");
}

TEST_CASE("config: what TOML itself refuses has a place too") {
    CHECK(refusal("[cluster.a\n").starts_with("c.toml:"));
    CHECK(refusal("[=]\n").starts_with("c.toml:1:2: ")); // toml++ would assert
    CHECK(refusal(pg + "port = 1\nport = 2\n").starts_with("c.toml:6:"));
    CHECK(refusal(pg + "[proxy.pg]\nport = 1\n").starts_with("c.toml:5:"));
}

TEST_CASE("config: two proxies cannot have one port") {
    const auto with = [](const std::string& first, const std::string& second) {
        return lab + "[proxy.a]\ntarget='t'\nport=5432\n" + first +
               "[proxy.b]\ntarget='t'\nport=5432\n" + second;
    };
    CHECK(refusal(with("", "")) == "c.toml:8:6: proxy.b: port 5432 is taken by proxy.a already");
    CHECK(refusal(with("", "bind='0.0.0.0'\nshared=true\n")).find("taken by proxy.a") !=
          std::string::npos);
    CHECK(refusal(with("bind='::'\nshared=true\n", "")).find("taken by proxy.a") !=
          std::string::npos);
    CHECK(accepted(with("", "bind='127.0.0.2'\n")).proxies.size() == 2);
    CHECK(accepted(with("", "bind='::1'\n")).proxies.size() == 2);
}

TEST_CASE("config: all mistakes of a file are reported, in its order") {
    CHECK(
        refusal(
            "[proxy.a]\nport = 'x'\ntarget = 5\n[cluster.b]\naddress = 5\ntls_insecure = 'no'\n") ==
        "c.toml:2:8: proxy.a: port must be a whole number\n"
        "c.toml:3:10: proxy.a: target must be a string\n"
        "c.toml:5:11: cluster.b: address must be a string\n"
        "c.toml:6:16: cluster.b: tls_insecure must be true or false");
    std::string many;
    for (int i = 0; i < 50; ++i) many += "k" + std::to_string(i) + " = 1\n";
    const auto message = refusal(many);
    CHECK(std::ranges::count(message, '\n') == 20);
    CHECK(message.ends_with("… and 30 more"));
}
