#pragma once
// Which controller, and how to reach it: what a caller says, checked once. Equal settings share
// kept-alive connections.

#include "base/json.hpp"

#include <chrono>
#include <compare>
#include <string>

namespace agent::controller {

struct ClusterSettings {
    std::string address; ///< as shown to people, without a trailing slash or /v1:
                         ///< "https://boundary.example.com:9200"
    bool tls = false;
    std::string host; ///< name or IP without brackets; empty with unix_path
    std::string port;
    std::string unix_path; ///< unix:///path
    std::string ca_cert;   ///< PEM file; the system's authorities when both are empty
    std::string ca_path;   ///< folder of PEM files
    std::string client_cert;
    std::string client_key;
    std::string tls_server_name;
    bool tls_insecure = false;
    bool allow_foreign_listener =
        false; ///< on this machine: another user may listen there, and sees the login
    std::chrono::milliseconds timeout{60000};
    int max_retries = 0;

    friend auto operator<=>(const ClusterSettings&, const ClusterSettings&) = default;
};

inline constexpr const char* default_address = "http://127.0.0.1:9200";

/// Fills the address' parts. Accepts http, https and unix URLs; a trailing /v1 is dropped.
/// Errc::invalid_argument.
Result<ClusterSettings> settings_for(const std::string& address);

/// "127.0.0.1:9200", "[::1]:9200" or the socket's path: for dialling and for error messages.
std::string authority(const ClusterSettings& settings);

/// TLS shows that it is this controller.
bool verified(const ClusterSettings& settings);

/// A login that names no cluster may go there: verified, or on this machine by its address, where
/// listener_check.cpp asks who listens.
bool protected_route(const ClusterSettings& settings);

/// For agent-proxy, which keeps them for the next agentd. Holds no secret.
Json settings_to_json(const ClusterSettings& settings);
Result<ClusterSettings> settings_from_json(const Json& json);

} // namespace agent::controller
