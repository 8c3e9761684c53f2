// A state.db that somebody else wrote, or a disk damaged: whatever the file holds, the store opens
// or says that it works in memory, what it reads can be written back, and it remembers what it is
// told from then on.

#include "base/log.hpp"
#include "state/state_store.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace {

namespace fs = std::filesystem;

/// In memory where the machine has such a folder: thousands of small files.
const fs::path& folder() {
    static const fs::path made = [] {
        std::string pattern =
            fs::is_directory("/dev/shm") ? "/dev/shm/agentd-f.XXXXXX" : "/tmp/agentd-f.XXXXXX";
        if (::mkdtemp(pattern.data()) == nullptr) std::abort();
        std::atexit([] { fs::remove_all(folder()); });
        return fs::path(pattern);
    }();
    return made;
}

void write_file(const fs::path& path, const std::uint8_t* bytes, std::size_t size) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || ::write(fd, bytes, size) != static_cast<ssize_t>(size)) std::abort();
    ::close(fd);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace agent::state;
    [[maybe_unused]] static const bool quiet = [] {
        agent::log::set_sink([](agent::log::Level, std::string_view) {});
        return true;
    }();
    const fs::path path = folder() / "state.db";
    for (const auto& old : fs::directory_iterator(folder()))
        fs::remove(old.path()); // also -wal, -shm
    write_file(path, bytes, size);

    StateStore store(path);
    const auto proxies = store.proxies();
    if (proxies)
        for (const auto& proxy : *proxies) (void)store.put_proxy(proxy);
    const auto sessions = store.sessions();
    if (sessions)
        for (const auto& session : *sessions) (void)store.put_session(session);
    (void)store.events("", 10);
    (void)store.counters("pg");
    (void)store.clusters();

    ProxyRecord ours;
    ours.name = "ours";
    if (!store.put_proxy(ours)) return 0; // a table that is damaged says so with each change
    const auto now = store.proxies();
    if (!now) return 0;
    bool found = false;
    for (const auto& proxy : *now) found = found || proxy.name == "ours";
    if (!found) std::abort();
    return 0;
}
