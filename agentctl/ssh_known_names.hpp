#pragma once
// Which names already mean something to the user's ssh: their own hosts, and the public ones that
// everybody's git talks to. commands/ssh_config.cpp asks, so that no target takes such a name
// unseen. Reads files; asks no network.

#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace agentctl {

class SshKnownNames {
  public:
    struct Files {
        std::vector<std::filesystem::path> configurations; ///< of ssh, with what they include
        std::vector<std::filesystem::path> known_hosts;
        std::filesystem::path hosts; ///< as /etc/hosts
    };
    /// Those of this user and of the system.
    static Files usual();
    explicit SshKnownNames(const Files& files);

    /// One of the user's own: in a Host line, a host key that is remembered, or /etc/hosts.
    bool has(std::string_view name) const;
    /// A public host of source code.
    static bool is_public(std::string_view name);

  private:
    void read_configuration(const std::filesystem::path& path, int depth);
    void read_known_hosts(const std::filesystem::path& path);
    void add(std::string_view name);

    std::set<std::string> names_;
    std::vector<std::filesystem::path>
        hashed_; ///< files that hide their names: ssh-keygen can tell
    std::filesystem::path folder_;
};

} // namespace agentctl
