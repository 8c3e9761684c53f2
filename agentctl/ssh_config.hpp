#pragma once
// The text of an ssh include file: one Host per target and alias, each reached through `agentctl
// nc`. Pure text, used by commands/ssh_config.cpp, which asks for the targets and writes the file.

#include "ipc/messages/types.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace agentctl {

/// A target that the user may authorize, as far as the controller lets them see it.
struct SshTarget {
    struct Alias {
        std::string value;
        std::string host_id; ///< the host that it stands for, if it names one
    };
    std::string id;
    std::string name;
    std::string scope_name;
    std::vector<Alias> aliases;
    std::vector<std::string>
        host_ids; ///< of its host sources; empty: it has an address, or they are hidden
};

/// One block. The names are safe to stand in the file.
struct SshHost {
    std::vector<std::string> names;
    std::string about;          ///< a comment, in the controller's words
    std::string host_key_alias; ///< under which ssh remembers the host's key: the same each time
    std::string destination;    ///< target id or alias
    std::string host_id;        ///< empty: the target chooses
};

struct SshHosts {
    std::vector<SshHost> hosts;
    std::vector<std::string> notes;    ///< what was renamed or left out, for people
    std::vector<std::string> warnings; ///< which names meant something else so far
};

/// The first line of every file of ours: what begins otherwise is somebody else's and is left
/// alone.
inline constexpr std::string_view ssh_config_mark = "# Made by agentctl ssh-config";

/// Lower case, digits, '.', '_' and '-'; everything else becomes one '-'. Empty when nothing is
/// left.
std::string safe_host_name(std::string_view text);

/// What a name means to the user's ssh already.
enum class NameUse { free, own_host, public_host };
using NameUses = std::function<NameUse(const std::string& name)>;

/// Names that several targets have get their scope's name behind them, and where that does not help
/// only their id. The prefix goes before every name, alias and id. A public host's name is given to
/// nobody: whoever may make an alias would have what git sends there.
SshHosts name_hosts(const std::vector<SshTarget>& targets, const std::string& prefix,
                    const NameUses& uses = {});

/// `program`: agentctl's path. Errc::invalid_argument for a path or address that ssh's file cannot
/// hold.
agent::Result<std::string> ssh_config_text(const SshHosts& hosts, const ipc::Cluster& cluster,
                                           const std::string& program);

} // namespace agentctl
