#pragma once
// The flags of connect, proxy, nc and of every helper: what they may say together, and the request
// that they come to.

#include "ipc/messages/connect.hpp"

#include "agentctl/flags.hpp"
#include "agentctl/helpers/helper.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace agentctl {

struct ConnectFlags {
    std::optional<std::string> alias, target_id, target_name, scope_id, scope_name, host_id,
        listen_address, name, exec, inactive_timeout;
    std::optional<agent::Secret> token, short_token;
    std::optional<std::int64_t> listen_port, keep_alive_ms;
    std::vector<std::string> passthrough;
    std::optional<std::string> after_cancel;
    bool detach = false, keep = false, eager = false, shared = false, no_warm = false,
         stdio = false, fdpass = false, die_with_parent = false;
    helpers::HelperOptions helper;

    /// `of`: the helper whose flags they are, or nullptr.
    void add_to(Flags& flags, const helpers::Helper* of);
    /// After parsing.
    void settle(const Flags& flags, const helpers::Helper* of);
    /// What is wrong with the combination; empty: nothing.
    std::string conflict(const helpers::Helper* of) const;
    /// Reads where the token is, so it can fail on its own.
    agent::Result<ipc::Connect::Request> request(ipc::Cluster cluster) const;

  private:
    std::string unknown_helper(const helpers::Helper* of) const;
};

/// "there is no helper "telnet" (there are …)"
std::string no_helper(std::string_view name);

} // namespace agentctl
