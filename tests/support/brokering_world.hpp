#pragma once
// BrokeringWorld: a dev server whose target "one" leads to a port of ours and brokers one
// credential, and agentctl signed in there.

#include "support/dev_environment.hpp"

#include <memory>

namespace agent::test {

class BrokeringWorld {
  public:
    /// `credential`: its members in the dev server's configuration but for name and store; empty:
    /// none is brokered. `client_port`: the target's default client port, 0: it has none.
    BrokeringWorld(std::uint16_t port, const Json& credential, std::uint16_t client_port = 0) {
        const auto text = [](const Json& value) { return dump_json(value); }; // JSON's are TOML's
        std::string config = "[[credential_store]]\nname = \"store\"\n";
        if (!credential.empty()) {
            config += "[[credential]]\nname = \"login\"\nstore = \"store\"\n";
            for (const auto& [name, value] : credential.items())
                config += name + " = " + text(value) + "\n";
        }
        config += "[[target]]\nname = \"one\"\naddress = \"127.0.0.1\"\ndefault_port = " +
                  std::to_string(port) + "\n";
        if (client_port != 0)
            config += "default_client_port = " + std::to_string(client_port) + "\n";
        if (!credential.empty()) config += "brokered_credentials = [\"login\"]\n";
        const auto file = folder_.file("dev.toml", config);
        world = std::make_unique<DevEnvironment>(
            DevEnvironment::Options{.server_flags = {"-config", file}});
        world->login();
    }
    /// agentctl connect [HELPER] to the target.
    static std::vector<std::string> words(const std::string& helper,
                                          const std::vector<std::string>& more = {}) {
        std::vector<std::string> words{"connect"};
        if (!helper.empty()) words.push_back(helper);
        words.insert(words.end(), {"-target-name", "one", "-target-scope-id", project_id});
        words.insert(words.end(), more.begin(), more.end());
        return words;
    }
    Ended run(const std::string& helper, const std::vector<std::string>& more = {}) {
        return world->agentctl(words(helper, more));
    }
    DevEnvironment* operator->() { return world.get(); }

    std::unique_ptr<DevEnvironment> world;

  private:
    TempDir folder_;
};

} // namespace agent::test
