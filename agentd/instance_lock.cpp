#include "agentd/instance_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

namespace agentd {

agent::Result<agent::UniqueFd> lock_instance(const std::string& path) {
    using agent::Errc;
    using agent::Hop;
    agent::UniqueFd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!file) return agent::fail_errno(Errc::environment, Hop::local, "open " + path, errno);
    if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
        char text[32] = {};
        const auto size = ::read(file.get(), text, sizeof text - 1);
        std::string pid(text, size > 0 ? static_cast<std::size_t>(size) : 0);
        while (!pid.empty() && pid.back() == '\n') pid.pop_back();
        return agent::fail(Errc::agent_unreachable, Hop::local, "agentd is already running (pid " + pid + ")",
                           "agentctl talks to it; stop it before starting another");
    }
    const std::string pid = std::to_string(::getpid()) + "\n";
    // A full disk must not keep the agent from running: the lock is what counts, the pid is a courtesy.
    if (::ftruncate(file.get(), 0) != 0 || ::pwrite(file.get(), pid.data(), pid.size(), 0) < 0) errno = 0;
    return file;
}

} // namespace agentd
