#pragma once
// What one datagram of the sd_notify protocol says, as far as it matters here. NotifySocket calls
// it on every one.

#include <optional>
#include <string>
#include <string_view>

namespace supervisor {

struct Notification {
    bool ready = false;
    bool stopping = false;
    bool watchdog = false;
    bool store = false;  ///< the descriptors that came along are to be held under `name`
    bool forget = false; ///< those held under `name` are to be closed
    std::optional<std::string> name;

    bool operator==(const Notification&) const = default;
};

/// Never fails: what is unknown is passed over, and so is a name that could not be handed on
/// (LISTEN_FDNAMES separates them with colons).
Notification parse_notification(std::string_view text);

} // namespace supervisor
