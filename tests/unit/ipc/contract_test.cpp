// The .varlink files are the contract; the message structs, which ipc/generate makes of them, must
// say the same. Both are compared here, member by member, by another reader than the generator's.

#include "ipc/messages/agent_commands.hpp"
#include "ipc/messages/proxy_commands.hpp"
#include "ipc/socket/interface_text.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <cctype>
#include <map>
#include <sstream>

using namespace ipc;

namespace {

// "type Cluster (…)" → declarations["type Cluster"] = "address:?string,ca_cert:?string,…";
// whitespace and comments dropped.
std::map<std::string, std::string> declarations_of(std::string_view text) {
    std::string bare;
    std::istringstream lines{std::string(text)};
    for (std::string line; std::getline(lines, line);)
        bare += line.substr(0, line.find('#')) + "\n";
    std::map<std::string, std::string> found;
    for (const std::string keyword : {"type", "method"}) {
        for (std::size_t at = bare.find("\n" + keyword + " "); at != std::string::npos;
             at = bare.find("\n" + keyword + " ", at + 1)) {
            const std::size_t name = at + keyword.size() + 2;
            const std::size_t open = bare.find('(', name);
            std::size_t close = bare.find(')', open);
            if (keyword == "method") close = bare.find(')', close + 1);
            std::string title = bare.substr(name, open - name);
            while (!title.empty() && std::isspace(static_cast<unsigned char>(title.back())))
                title.pop_back();
            std::string body = bare.substr(open, close + 1 - open);
            std::erase_if(body, [](unsigned char c) { return std::isspace(c); });
            found[keyword + " " + title] = body;
        }
    }
    return found;
}

template <class T> struct TypeWord;
template <> struct TypeWord<std::string> {
    static std::string word() { return "string"; }
};
template <> struct TypeWord<Secret> {
    static std::string word() { return "string"; }
};
template <> struct TypeWord<bool> {
    static std::string word() { return "bool"; }
};
template <> struct TypeWord<std::int64_t> {
    static std::string word() { return "int"; }
};
template <> struct TypeWord<Json> {
    static std::string word() { return "object"; }
};
template <> struct TypeWord<Cluster> {
    static std::string word() { return "Cluster"; }
};
template <> struct TypeWord<ClientFailure> {
    static std::string word() { return "ClientFailure"; }
};
template <> struct TypeWord<Proxy> {
    static std::string word() { return "Proxy"; }
};
template <> struct TypeWord<Login> {
    static std::string word() { return "Login"; }
};
template <> struct TypeWord<KnownCluster> {
    static std::string word() { return "KnownCluster"; }
};
template <> struct TypeWord<KeyringState> {
    static std::string word() { return "KeyringState"; }
};
template <> struct TypeWord<Event> {
    static std::string word() { return "Event"; }
};
template <class T> struct TypeWord<std::optional<T>> {
    static std::string word() { return "?" + TypeWord<T>::word(); }
};
template <class T> struct TypeWord<std::vector<T>> {
    static std::string word() { return "[]" + TypeWord<T>::word(); }
};

template <class Message, class Member>
std::string member_words(const Field<Message, Member>& field) {
    return std::string(field.name) + ":" + TypeWord<Member>::word();
}
template <class Message> std::string words() {
    std::string text;
    std::apply(
        [&](const auto&... f) { ((text += (text.empty() ? "" : ",") + member_words(f)), ...); },
        Message::fields);
    return "(" + text + ")";
}

template <class... Verbs>
void compare(std::string_view text, const std::string& interface, const std::tuple<Verbs...>*) {
    const auto declared = declarations_of(text);
    std::size_t methods = 0;
    for (const auto& [title, body] : declared) methods += title.starts_with("method ") ? 1 : 0;
    CHECK(methods == sizeof...(Verbs));
    const auto compare_one = [&]<class Verb>(const Verb*) {
        INFO(Verb::method);
        REQUIRE(std::string(Verb::method).starts_with(interface + "."));
        const auto found =
            declared.find("method " + std::string(Verb::method.substr(interface.size() + 1)));
        REQUIRE(found != declared.end());
        CHECK(found->second ==
              words<typename Verb::Request>() + "->" + words<typename Verb::Response>());
    };
    (compare_one(static_cast<const Verbs*>(nullptr)), ...);
}

} // namespace

TEST_CASE("contract: each verb's members are those of org.agentd.Agent, and no method is missing") {
    compare(agent_interface, "org.agentd.Agent", static_cast<const AgentCommands::List*>(nullptr));
}

TEST_CASE("contract: each verb's members are those of org.agentd.Proxy, and no method is missing") {
    compare(proxy_interface, "org.agentd.Proxy", static_cast<const ProxyCommands::List*>(nullptr));
}

TEST_CASE(
    "contract: these verbs change nothing, so that they may be asked twice; README.md names them") {
    std::string names;
    const auto add = [&]<class Verb>(const Verb*) {
        if constexpr (requires { Verb::changes_nothing; })
            names += std::string(Verb::method.substr(sizeof "org.agentd.Agent")) + " ";
    };
    const auto add_all = [&]<class... Verbs>(const std::tuple<Verbs...>*) {
        (add(static_cast<const Verbs*>(nullptr)), ...);
    };
    add_all(static_cast<const AgentCommands::List*>(nullptr));
    CHECK(names ==
          "Status List Read Why ListProxies Attach Watch ListClusters LoginMethod ListKeyrings ");
}

TEST_CASE("contract: the shared types are those of the interface files") {
    const auto agent = declarations_of(agent_interface);
    CHECK(agent.at("type Cluster") == words<Cluster>());
    CHECK(agent.at("type ClientFailure") == words<ClientFailure>());
    CHECK(agent.at("type Proxy") == words<Proxy>());
    CHECK(agent.at("type Login") == words<Login>());
    CHECK(agent.at("type Event") == words<Event>());
    const auto proxy = declarations_of(proxy_interface);
    CHECK(proxy.at("type ClientFailure") == words<ClientFailure>());
    CHECK(proxy.at("type Proxy") == words<Proxy>());
}

TEST_CASE("contract: what GetInterfaceDescription tells is the file, byte for byte") {
    CHECK(agent_interface == agent::test::read_text(IPC_FOLDER "/org.agentd.Agent.varlink"));
    CHECK(proxy_interface == agent::test::read_text(IPC_FOLDER "/org.agentd.Proxy.varlink"));
    CHECK(service_interface == agent::test::read_text(IPC_FOLDER "/org.varlink.service.varlink"));
}

TEST_CASE("contract: every error code is declared by org.agentd.Agent") {
    for (const auto& row : agent::errc_table())
        CHECK(agent_interface.find("\nerror " + std::string(row.name) + " (") !=
              std::string_view::npos);
}
