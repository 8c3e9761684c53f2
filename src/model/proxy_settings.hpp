#pragma once
// What a proxy is told to be. Embedded by whoever declares, remembers, starts or adopts one.

#include "model/names.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace agent::model {

/// What follows when an administrator cancels the session of a proxy that comes back.
enum class AfterCancel : std::uint8_t {
    ask,         ///< wait for a person: agentctl reconnect NAME
    reauthorize, ///< the next connection gets a new session
};
template <>
inline constexpr auto names<AfterCancel> = std::to_array<Name<AfterCancel>>({
    {AfterCancel::ask, "ask"},
    {AfterCancel::reauthorize, "reauthorize"},
});
static_assert(complete(AfterCancel::reauthorize));

struct ProxySettings {
    std::string listen_address = "127.0.0.1"; ///< "none": only the Unix socket
    std::int64_t listen_port = 0;             ///< 0: chosen, and remembered where it is kept
    bool shared = false;                      ///< other users of this machine may use the TCP port
    bool eager = false;                       ///< a session at the start, not with the first client
    AfterCancel after_cancel = AfterCancel::ask;
    std::chrono::milliseconds inactive_timeout{0}; ///< a session unused for so long ends; 0: never
    bool inactive_from_start = false; ///< else counted from the end of the first connection
    bool warm = true;                 ///< worker connections are opened ahead of need
    std::optional<std::chrono::milliseconds>
        keep_alive; ///< silence before a ping to the worker; 0: never; nullopt: as usual

    ProxySettings& proxy_settings() { return *this; }
    const ProxySettings& proxy_settings() const { return *this; }
    friend bool operator==(const ProxySettings&, const ProxySettings&) = default;
};

} // namespace agent::model
