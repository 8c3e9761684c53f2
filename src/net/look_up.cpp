// The one place that calls getaddrinfo.

#include "net/resolve.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace agent::net {
namespace {

using boost::asio::ip::tcp;

struct Release {
    void operator()(addrinfo* list) const noexcept { ::freeaddrinfo(list); }
};
using AddressList = std::unique_ptr<addrinfo, Release>;

addrinfo wanted(int flags) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = flags;
    return hints;
}

Addresses addresses_in(const addrinfo* list) {
    Addresses found;
    for (; list != nullptr; list = list->ai_next) {
        tcp::endpoint endpoint;
        if (list->ai_addrlen > endpoint.capacity()) continue;
        std::memcpy(endpoint.data(), list->ai_addr, list->ai_addrlen);
        endpoint.resize(list->ai_addrlen);
        const auto address = endpoint.address();
        if (std::ranges::find(found, address) == found.end()) found.push_back(address);
    }
    return found;
}

// Asio's words for them.
boost::system::error_code reason(int code, int number) {
    namespace error = boost::asio::error;
    switch (code) {
    case EAI_AGAIN:
        return error::host_not_found_try_again;
    case EAI_FAIL:
        return error::no_recovery;
    case EAI_MEMORY:
        return error::no_memory;
    case EAI_SYSTEM:
        return {number, boost::system::system_category()};
    default:
        return error::host_not_found;
    }
}

// This machine's own want, and likely to pass.
bool lacks_resources(int code, int number) {
    if (code == EAI_MEMORY) return true;
    return code == EAI_SYSTEM &&
           (number == EMFILE || number == ENFILE || number == ENOMEM || number == ENOBUFS);
}

} // namespace

Result<Addresses> look_up(const std::string& host) {
    const addrinfo hints = wanted(0);
    addrinfo* made = nullptr;
    errno = 0;
    const int code = ::getaddrinfo(host.c_str(), nullptr, &hints, &made);
    const int number = errno;
    const AddressList list(made);
    if (code == 0) return addresses_in(made);
    const bool lacking = lacks_resources(code, number);
    return fail(lacking ? Errc::limit_exceeded : Errc::environment, Hop::local,
                reason(code, number).message(), "Check the name and this machine's DNS.");
}

std::optional<boost::asio::ip::address> literal_address(const std::string& host) {
    boost::system::error_code ec;
    const auto address = boost::asio::ip::make_address(host, ec);
    if (!ec) return address;
    const addrinfo hints = wanted(AI_NUMERICHOST); // asks nobody and blocks nowhere
    addrinfo* made = nullptr;
    if (::getaddrinfo(host.c_str(), nullptr, &hints, &made) != 0) return std::nullopt;
    const AddressList list(made);
    const auto found = addresses_in(made);
    if (found.empty()) return std::nullopt;
    return found.front();
}

} // namespace agent::net
