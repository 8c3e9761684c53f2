#pragma once
// The flags that every command which asks a controller has: where it is, as whom, and how to print
// the answer.

#include "agentctl/flags.hpp"
#include "agentctl/output/format.hpp"
#include "ipc/messages/types.hpp"

#include <optional>
#include <string>

namespace agentctl {

class ClientFlags {
  public:
    /// `with_token`: commands that log in or out take no token.
    void add_to(Flags& flags, bool with_token = true);
    /// The cluster may also be named by this argument of the command.
    void add_cluster_argument(Flags& flags) { flags.positional("CLUSTER", argument_); }
    /// Only -format, for commands that ask the agent and no controller.
    void add_format_to(Flags& flags);
    /// Where that says so after Flags::parse(), -token cannot be read from standard input.
    void leave_standard_input(const bool& taken) { standard_input_taken_ = &taken; }
    /// After Flags::parse(). Reads env:// and file://, so it can fail on its own.
    agent::Result<ipc::Cluster> cluster() const;
    agent::Result<Format> format() const;
    /// What was given with -format, or by the variable.
    std::string format_word() const { return format_.value_or("table"); }
    /// For errors before format() is known to be good.
    Format format_or_table() const { return format_ == "json" ? Format::json : Format::table; }
    /// -keyring-type none or -token-name none: no stored login.
    bool without_keyring() const { return keyring_type_ == "none" || token_name_ == "none"; }
    std::string token_name() const { return token_name_.value_or("default"); }

  private:
    agent::Status choose(ipc::Cluster& cluster) const;
    const Flags* flags_ = nullptr;
    std::optional<std::string> argument_, cluster_, address_, ca_cert_, ca_path_, client_cert_,
        client_key_, tls_server_name_;
    std::optional<agent::Secret> token_;
    std::optional<std::string> token_name_, keyring_type_, format_, recovery_config_;
    const bool* standard_input_taken_ = nullptr;
    bool tls_insecure_ = false, allow_foreign_listener_ = false, with_token_ = true;
};

} // namespace agentctl
