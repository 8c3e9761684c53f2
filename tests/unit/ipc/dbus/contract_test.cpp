// org.agentd.Agent1.xml is the contract: the objects must say the same of themselves, member for
// member.

#include "fake_agent.hpp"
#include "support/temp_dir.hpp"

#include <regex>

using namespace agent::test;

namespace {

/// The elements of one interface in their order, without comments and white space. A property and
/// an element without contents may be written in two ways.
std::vector<std::string> elements_of(const std::string& xml, const std::string& interface) {
    const std::string opening = "<interface name=\"" + interface + "\">";
    const auto begin = xml.find(opening);
    if (begin == std::string::npos) return {};
    const std::string plain = std::regex_replace(
        xml.substr(begin, xml.find("</interface>", begin) - begin), std::regex("<!--[^]*?-->"), "");
    std::vector<std::string> found;
    const std::regex element("<(interface|method|signal|property|arg|annotation)\\b[^>]*>");
    for (std::sregex_iterator one(plain.begin(), plain.end(), element), end; one != end; ++one)
        found.push_back(std::regex_replace(one->str(), std::regex("/?>$"), ">"));
    return found;
}

std::string introspect(BusPair& pair, const std::string& path) {
    auto message = new_call(pair.client.get(), "Introspect", path.c_str(),
                            "org.freedesktop.DBus.Introspectable");
    const auto answer = send_call(pair.client.get(), message.get());
    REQUIRE(answer.error.empty());
    const char* xml = nullptr;
    REQUIRE(::sd_bus_message_read(answer.reply.get(), "s", &xml) >= 0);
    return xml;
}

} // namespace

TEST_CASE("contract: the objects on the bus are what org.agentd.Agent1.xml says") {
    const auto written = read_text(AGENT1_XML);
    REQUIRE_FALSE(written.empty());
    BusPair pair;
    pair.on_agent([](FakeAgent& agent) {
        ipc::KnownCluster cluster;
        cluster.address = "http://there";
        agent.clusters.push_back(cluster);
        ipc::Event event;
        event.kind = "login";
        agent.happen(std::move(event));
    });
    REQUIRE(call(pair.client.get(), "Connect", "sa{sv}", "t", 1, "name", "s", "db").error.empty());
    REQUIRE(call(pair.client.get(), "Login", "sa{sv}", "me", 1, "password", "s", "wrong")
                .error.empty());
    const std::pair<const char*, const char*> objects[] = {
        {"org.agentd.Agent1", "/org/agentd/Agent1"},
        {"org.agentd.Agent1.Proxy", "/org/agentd/Agent1/proxy/db"},
        {"org.agentd.Agent1.Cluster", "/org/agentd/Agent1/cluster/there"},
        {"org.agentd.Agent1.Login", "/org/agentd/Agent1/login/n1"},
    };
    for (const auto& [interface, path] : objects) {
        INFO(interface);
        const auto said = elements_of(introspect(pair, path), interface);
        REQUIRE_FALSE(said.empty());
        CHECK(said == elements_of(written, interface));
    }
}
