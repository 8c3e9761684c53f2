#include "agentd/supervisor/descriptor_store.hpp"

#include <poll.h>
#include <sys/stat.h>

#include <algorithm>

namespace supervisor {
namespace {

bool same_file(const agent::UniqueFd& one, const agent::UniqueFd& other) {
    struct stat a{};
    struct stat b{};
    return ::fstat(one.get(), &a) == 0 && ::fstat(other.get(), &b) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}

bool shut(const agent::UniqueFd& socket) {
    pollfd state{socket.get(), 0, 0};
    return ::poll(&state, 1, 0) > 0; // POLLHUP and POLLERR are told unasked
}

} // namespace

bool DescriptorStore::put(std::string name, agent::UniqueFd socket) {
    const auto held = [&](const Entry& entry) {
        return entry.name == name && same_file(entry.socket, socket);
    };
    if (std::ranges::any_of(entries_, held)) return true;
    if (entries_.size() >= limit_) drop_shut();
    if (entries_.size() >= limit_) return false;
    entries_.push_back({std::move(name), std::move(socket)});
    return true;
}

std::size_t DescriptorStore::drop(const std::string& name) {
    return std::erase_if(entries_, [&](const Entry& entry) { return entry.name == name; });
}

void DescriptorStore::drop_shut() {
    std::erase_if(entries_, [](const Entry& entry) { return shut(entry.socket); });
}

} // namespace supervisor
