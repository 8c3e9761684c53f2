#include "agentctl/client_flags.hpp"

#include "agentctl/secret_source.hpp"
#include "base/command_line.hpp"
#include "base/duration.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>

namespace agentctl {
namespace {

using agent::Errc;
using agent::fail;
using agent::Hop;

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

agent::Result<std::optional<agent::Secret>> token_of(const std::optional<agent::Secret>& flag,
                                                     bool standard_input_taken) {
    const char* text = std::getenv("BOUNDARY_TOKEN");
    const std::string source = text != nullptr && names_a_source(text) ? text : "";
    auto variable = source.empty() ? agent::take_from_environment("BOUNDARY_TOKEN") : std::nullopt;
    if (flag && !flag->empty()) {
        if (standard_input_taken && flag->reveal() == "-")
            return fail(Errc::invalid_argument, Hop::local,
                        "standard input is the connection, so no token can come by it",
                        "Give -token env://NAME or file://PATH.");
        auto token = read_secret_source(flag->reveal(), "-token");
        if (!token) return token.error();
        return std::optional(std::move(*token));
    }
    if (!source.empty()) {
        auto token = read_secret_source(source, "BOUNDARY_TOKEN");
        if (!token) return token.error();
        return std::optional(std::move(*token));
    }
    if (!variable || variable->empty()) return std::optional<agent::Secret>();
    print_error("A token in BOUNDARY_TOKEN itself is deprecated: use -token env://NAME or -token "
                "file://PATH.\n");
    return variable;
}

// A relative path means something else to agentd, whose working directory is not ours.
void set_path(std::optional<std::string>& to, const std::optional<std::string>& from) {
    if (from && !from->empty()) to = std::filesystem::absolute(*from).string();
}
void set_text(std::optional<std::string>& to, const std::optional<std::string>& from) {
    if (from && !from->empty()) to = from;
}

} // namespace

void ClientFlags::add_to(Flags& flags, bool with_token) {
    flags_ = &flags;
    flags.text("cluster", cluster_, "Name of a cluster that `agentctl clusters list` shows.",
               "BOUNDARY_CLUSTER");
    flags.text("addr", address_,
               "The controller's base URL; the current cluster's when missing, else "
               "http://127.0.0.1:9200.",
               "BOUNDARY_ADDR");
    flags.text("ca-cert", ca_cert_,
               "PEM file with the CA that signed the controller's certificate.", "BOUNDARY_CACERT");
    flags.text("ca-path", ca_path_, "Directory of such PEM files.", "BOUNDARY_CAPATH");
    flags.text("client-cert", client_cert_, "PEM certificate to show to the controller.",
               "BOUNDARY_CLIENT_CERT");
    flags.text("client-key", client_key_, "PEM key of that certificate.", "BOUNDARY_CLIENT_KEY");
    flags.boolean("tls-insecure", tls_insecure_, "Do not check the controller's certificate.",
                  "BOUNDARY_TLS_INSECURE");
    flags.text("tls-server-name", tls_server_name_,
               "Name to expect in the controller's certificate.", "BOUNDARY_TLS_SERVER_NAME");
    flags.boolean(
        "allow-foreign-listener", allow_foreign_listener_,
        "Let another user's program be the controller on this machine: it sees the login.",
        "AGENTD_ALLOW_FOREIGN_LISTENER");
    with_token_ = with_token;
    if (with_token)
        flags.secret("token", token_,
                     "Auth token to use instead of the stored login: env://NAME, file://PATH, or - "
                     "for standard input.");
    flags.text("token-name", token_name_,
               "Which stored login to use; \"default\" when missing, \"none\" for no login.",
               "BOUNDARY_TOKEN_NAME");
    flags.text("keyring-type", keyring_type_,
               "Where a new login is kept: secret-service, kernel, file or memory; none: nowhere; "
               "the agent chooses when "
               "missing.",
               "BOUNDARY_KEYRING_TYPE");
    flags.text("recovery-config", recovery_config_,
               "Refused: agentd has no way in that goes around logins.",
               "BOUNDARY_RECOVERY_CONFIG");
    flags.accepted("skip-cache-daemon", false); // there is none: agentd keeps what it needs
    flags.accepted("skip-client-agent", false);
    flags.accepted("output-client-agent-cli-error", false);
    flags.accepted("client-agent-port", true);
    add_format_to(flags);
}

void ClientFlags::add_format_to(Flags& flags) {
    flags.text("format", format_, "How to print: table or json.", "BOUNDARY_CLI_FORMAT");
}

agent::Result<Format> ClientFlags::format() const {
    if (!format_ || *format_ == "table") return Format::table;
    if (*format_ == "json") return Format::json;
    return fail(Errc::invalid_argument, Hop::local,
                "invalid value \"" + *format_ + "\" for flag -format: table or json");
}

// A name is the more exact word. What the environment says about TLS belongs to the address there,
// not to a cluster that has settings of its own.
agent::Status ClientFlags::choose(ipc::Cluster& cluster) const {
    if (flags_ == nullptr) return {};
    const auto conflict = [](std::string what, std::string hint) {
        return fail(Errc::invalid_argument, Hop::local, std::move(what), std::move(hint));
    };
    const bool by_name = argument_ || flags_->given("cluster"), by_address = flags_->given("addr");
    if (argument_ && flags_->given("cluster") && argument_ != cluster_)
        return conflict("two clusters are named: " + *argument_ + " and " + *cluster_, "Name one.");
    if (by_name && by_address)
        return conflict("give either a cluster's name (-cluster) or -addr, not both",
                        "A cluster has an address already.");
    if (cluster_ && address_ && !by_name && !by_address)
        return conflict(
            "BOUNDARY_CLUSTER and BOUNDARY_ADDR are both set, and may mean different clusters",
            "Unset one of them, or give -cluster or -addr.");
    const bool named = by_name || (cluster_ && !by_address);
    if (named)
        cluster.name = argument_ ? argument_ : cluster_;
    else
        set_text(cluster.address, address_);
    const auto counts = [&](const char* flag) { return !named || flags_->given(flag); };
    if (counts("ca-cert")) set_path(cluster.ca_cert, ca_cert_);
    if (counts("ca-path")) set_path(cluster.ca_path, ca_path_);
    if (counts("client-cert")) set_path(cluster.client_cert, client_cert_);
    if (counts("client-key")) set_path(cluster.client_key, client_key_);
    if (counts("tls-server-name")) set_text(cluster.tls_server_name, tls_server_name_);
    if (counts("tls-insecure") && tls_insecure_) cluster.tls_insecure = true;
    if (counts("allow-foreign-listener") && allow_foreign_listener_)
        cluster.allow_foreign_listener = true;
    return {};
}

agent::Result<ipc::Cluster> ClientFlags::cluster() const {
    static constexpr std::array known{"auto",   "none", "memory",   "pass",   "secret-service",
                                      "kernel", "file", "keychain", "wincred"};
    if (keyring_type_ && std::ranges::find(known, *keyring_type_) == known.end())
        return fail(Errc::invalid_argument, Hop::local,
                    "unknown keyring type \"" + *keyring_type_ + "\"",
                    "Known are auto, none, secret-service, kernel, file, memory and pass.");
    if (recovery_config_)
        return fail(Errc::invalid_argument, Hop::local,
                    "-recovery-config is not supported: a recovery key signs requests of nobody, "
                    "and agentd sends none without a login",
                    "Log in, or use the reference's command on the controller's own machine.");
    ipc::Cluster cluster;
    const auto chosen = choose(cluster);
    if (!chosen) return chosen.error();
    if (with_token_) {
        auto token = token_of(token_, standard_input_taken_ != nullptr && *standard_input_taken_);
        if (!token) return token.error();
        cluster.token = std::move(*token);
    }
    set_text(cluster.token_name, token_name_);
    if (without_keyring()) cluster.token_name = "none";
    // What Boundary's command would do with "auto" is the agent's own choice here.
    const bool other_system = keyring_type_ == "keychain" || keyring_type_ == "wincred";
    if (keyring_type_ && *keyring_type_ != "auto" && !without_keyring() && !other_system)
        cluster.keyring = keyring_type_;
    // Seconds without a unit, as Boundary reads it.
    if (const std::string text = environment("BOUNDARY_CLIENT_TIMEOUT"); !text.empty()) {
        auto timeout = agent::parse_duration(text);
        if (!timeout) timeout = agent::parse_duration(text + "s");
        if (!timeout || timeout->count() <= 0)
            return fail(Errc::invalid_argument, Hop::local,
                        "BOUNDARY_CLIENT_TIMEOUT is not a duration such as 30s");
        cluster.timeout_ms = timeout->count();
    }
    if (const std::string text = environment("BOUNDARY_MAX_RETRIES"); !text.empty()) {
        char* end = nullptr;
        const long retries = std::strtol(text.c_str(), &end, 10);
        if (*end != '\0' || retries < 0 || retries > 100)
            return fail(Errc::invalid_argument, Hop::local,
                        "BOUNDARY_MAX_RETRIES is not a number from 0 to 100");
        cluster.max_retries = retries;
    }
    return cluster;
}

} // namespace agentctl
