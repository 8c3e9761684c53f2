#pragma once
// All ways on which a client can come to a TCP listener of this machine: from which address, family
// and device, and what it gets.

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <vector>

namespace agent::test {

/// A test's own machine: its addresses on a link to another network.
inline const std::string lan4 = "10.77.0.1"; // as TwoNetworks gives it
inline const std::string lan6 = "fd77::1";
inline const std::string link_local = "fe80::77%near";

struct Way {
    std::string source; ///< empty: the kernel chooses
    std::string target;
    std::string device = {}; ///< SO_BINDTODEVICE
    bool mapped = false;     ///< an IPv6 socket that speaks IPv4
    int protocol = IPPROTO_TCP;

    std::string text() const;
};

/// Where clients of a listener can connect to, from each address of the machine.
std::vector<Way> ways_to(const std::string& listener);
/// The same from the network's far end, whose address the kernel chooses.
std::vector<Way> ways_from_afar(const std::string& listener);

enum class Got : char {
    unreachable = 'u', ///< the kernel does not let such a connection come about
    bytes = 'b',
    nothing = 'n', ///< closed without a byte
    silence = 's', ///< still open after ten seconds
};

/// Connects, says `say` when it is not empty, and waits for a byte or the end.
Got try_way(const Way& way, std::uint16_t port, const std::string& say = {});

/// One letter for each way.
std::string try_ways(const std::vector<Way>& ways, std::uint16_t port, const std::string& say = {});

} // namespace agent::test
