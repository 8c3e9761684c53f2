#include "agentd/listener_store.hpp"

#include "agentd/notify.hpp"

#include <systemd/sd-daemon.h>

#include <fcntl.h>
#include <sys/stat.h>

#include <cstdlib>
#include <string_view>
#include <vector>

namespace agentd {
namespace {

const std::string tcp = "tcp.";
const std::string local = "unix.";

/// A socket's inode; 0 for none.
ino_t number_of(const agent::UniqueFd& socket) {
    struct stat status{};
    return socket && ::fstat(socket.get(), &status) == 0 ? status.st_ino : 0;
}

} // namespace

ServiceManagerStore::Numbers
ServiceManagerStore::numbers_of(const agent::net::ListeningSockets& sockets) {
    return {number_of(sockets.tcp), number_of(sockets.local)};
}

ServiceManagerStore::ServiceManagerStore(Kept kept) : kept_(std::move(kept)) {
    for (const auto& [proxy, sockets] : kept_) stored_.emplace(proxy, numbers_of(sockets));
}

// Those that it has stay there: not for a moment may a socket be nowhere because one of us dies.
void ServiceManagerStore::put(const std::string& proxy,
                              const agent::net::ListeningSockets& sockets) {
    const auto numbers = numbers_of(sockets);
    const auto stored = stored_.find(proxy);
    if (stored != stored_.end() && stored->second == numbers) return;
    drop(proxy);
    bool done = true;
    if (sockets.tcp) done = notify_store(tcp + proxy, sockets.tcp.get());
    if (sockets.local) done = notify_store(local + proxy, sockets.local.get()) && done;
    if (done) stored_.emplace(proxy, numbers);
}

void ServiceManagerStore::drop(const std::string& proxy) {
    stored_.erase(proxy);
    notify_forget(tcp + proxy);
    notify_forget(local + proxy);
}

std::shared_ptr<const agent::net::ListeningSockets>
ServiceManagerStore::take(const std::string& proxy) {
    auto found = kept_.extract(proxy);
    if (found.empty()) return nullptr;
    return std::make_shared<const agent::net::ListeningSockets>(std::move(found.mapped()));
}

void ServiceManagerStore::drop_rest() {
    for (const auto& [proxy, sockets] : kept_) {
        sockets.shut();
        drop(proxy);
    }
    kept_.clear();
}

GivenSockets take_given_sockets() {
    GivenSockets given;
    char** names = nullptr;
    const int count = ::sd_listen_fds_with_names(1, &names);
    for (int i = 0; i < count; ++i) {
        agent::UniqueFd socket(SD_LISTEN_FDS_START + i);
        const std::string name = names == nullptr || names[i] == nullptr ? "" : names[i];
        if (names != nullptr) std::free(names[i]);
        if (name.starts_with(tcp)) {
            given.proxies[name.substr(tcp.size())].tcp = std::move(socket);
        } else if (name.starts_with(local)) {
            given.proxies[name.substr(local.size())].local = std::move(socket);
        } else if (!given.agent) {
            ::fcntl(socket.get(), F_SETFL, ::fcntl(socket.get(), F_GETFL) | O_NONBLOCK);
            given.agent = std::move(socket);
        } else {
            throw agent::ErrorException(
                agent::fail(agent::Errc::environment, agent::Hop::local,
                            "more than one socket for callers was handed over"));
        }
    }
    std::free(names);
    return given;
}

} // namespace agentd
