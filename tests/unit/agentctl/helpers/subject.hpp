#pragma once
// What the tests of helpers begin with: a proxy, credentials as a controller sends them, and the
// command that comes of both.

#include "agentctl/helpers/command.hpp"
#include "agentctl/helpers/table.hpp"

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <nlohmann/json.hpp>

#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <iterator>

namespace agentctl::test {

using Words = std::vector<std::string>;
using agentctl::helpers::Command;
using agentctl::helpers::HelperOptions;

inline ipc::Proxy a_listening_proxy() {
    ipc::Proxy one;
    one.address = "127.0.0.1";
    one.port = 4711;
    one.target_id = "ttcp_1";
    one.protocol = "tcp";
    one.endpoint = "tcp://db.example:5432";
    return one;
}

/// `type` as in the API; `members` are both in "credential" and in the decoded secret.
inline agent::Json brokered(const std::string& type, const agent::Json& members) {
    agent::Json one;
    one["credential_source"] = {{"id", "credup_1"}, {"credential_store_id", "csst_1"}};
    if (!type.empty()) one["credential_source"]["credential_type"] = type;
    one["secret"] = {{"raw", "cmF3"}, {"decoded", members}};
    if (!type.empty()) one["credential"] = members;
    return one;
}
inline agent::Json user_password(const std::string& user, const std::string& password) {
    return brokered("username_password", {{"username", user}, {"password", password}});
}

struct Subject {
    const helpers::Helper& helper;
    HelperOptions options = {};
    Words passthrough = {};
    std::vector<agent::Json> credentials = {};
    ipc::Proxy proxy = a_listening_proxy();
    std::optional<std::string> exec = {};

    agent::Result<Command> command() const {
        return Command::make({helper, options, exec, passthrough}, proxy, credentials);
    }
    Words words() const {
        auto made = command();
        REQUIRE(made.has_value());
        return made->words();
    }
    /// Why there is none; its exit code in front.
    std::string refusal() const {
        auto made = command();
        if (made) return "";
        return std::to_string(agent::exit_code(made.error())) + ": " + made.error().message;
    }
};

inline std::string text_of(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}
inline unsigned mode_of(const std::string& path) {
    struct stat status{};
    return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 07777 : 0;
}
/// The value of a variable that the command gets; "none".
inline std::string variable(const Command& command, const std::string& name) {
    for (const auto& one : command.environment().set)
        if (one.starts_with(name + "=")) return one.substr(name.size() + 1);
    return "none";
}
inline bool anywhere(const Words& words, const std::string& text) {
    return std::ranges::any_of(
        words, [&](const auto& word) { return word.find(text) != std::string::npos; });
}

} // namespace agentctl::test
