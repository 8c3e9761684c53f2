#include "proxy/file_limit.hpp"

#include <sys/resource.h>

#include <algorithm>

namespace agent::proxy {
namespace {

// Listeners, control sockets, warm connections, a second address tried while dialling, the log.
constexpr std::size_t reserve = 32;
constexpr std::size_t for_each_client = 2;

} // namespace

void raise_file_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

std::size_t file_limit() {
    rlimit limit{};
    return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? std::size_t(limit.rlim_cur) : 1024;
}

std::size_t clients_that_fit() {
    const auto files = file_limit();
    return std::max<std::size_t>(1, (std::max(files, reserve) - reserve) / for_each_client);
}

} // namespace agent::proxy
