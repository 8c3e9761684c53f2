#pragma once
// The bounds of the D-Bus face, all in one place.

#include <chrono>
#include <cstddef>

namespace ipc::dbus {

/// Calls being answered at once: of all callers together, and of one.
inline constexpr std::size_t max_calls = 1024;
inline constexpr std::size_t max_calls_of_one = 256;
/// Callers that are known (asked for their user, listening) at once.
inline constexpr std::size_t max_callers = 1024;
/// Messages of one caller that wait until the bus has said whose it is.
inline constexpr std::size_t max_held = max_calls_of_one;
/// Text in the arguments of one call, all together, as on the Varlink socket: 1 MiB and an
/// authorization token.
inline constexpr std::size_t max_argument_bytes = (1U << 20U) + (64U << 10U);
inline constexpr int max_argument_depth = 4;
inline constexpr std::size_t max_argument_members = 256;
/// A secret that comes as a file descriptor: its size, and how long its writer may take.
inline constexpr std::size_t max_secret_bytes = 64U << 10U;
inline constexpr std::chrono::seconds secret_timeout{10};
/// Login objects at once, and how long one stays after it is done.
inline constexpr std::size_t max_logins = 64;
inline constexpr std::chrono::seconds login_stays{60};
/// Changes of one refresh are told together; refreshes are at least this far apart.
inline constexpr std::chrono::milliseconds change_interval{100};
/// Byte counts are told, and asked of the proxies, at most so often.
inline constexpr std::chrono::seconds count_interval{1};
/// Messages that the bus has not taken: beyond them changes wait, so that memory does not grow.
inline constexpr std::size_t max_unsent = 1024;
/// Between attempts to reach a bus.
inline constexpr std::chrono::milliseconds first_back_off{250};
inline constexpr std::chrono::milliseconds longest_back_off{60'000};

} // namespace ipc::dbus
