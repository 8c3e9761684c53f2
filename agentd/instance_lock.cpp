#include "agentd/instance_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

namespace agentd {
namespace {

using agent::Errc;
using agent::Hop;

agent::Error held(const agent::UniqueFd& file, std::string_view program) {
    char text[32] = {};
    const auto size = ::pread(file.get(), text, sizeof text - 1, 0);
    std::string pid(text, size > 0 ? static_cast<std::size_t>(size) : 0);
    while (!pid.empty() && pid.back() == '\n') pid.pop_back();
    return agent::fail(Errc::agent_unreachable, Hop::local,
                       std::string(program) + " is already running (pid " + pid + ")",
                       "agentctl talks to it; stop it before starting another");
}

} // namespace

agent::Result<agent::UniqueFd> lock_instance(const std::string& path, std::string_view program) {
    agent::UniqueFd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!file) return agent::fail_errno(Errc::environment, Hop::local, "open " + path, errno);
    if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) return held(file, program);
    const std::string pid = std::to_string(::getpid()) + "\n";
    // A full disk must not keep the agent from running: the lock is what counts, the pid is a
    // courtesy.
    if (::ftruncate(file.get(), 0) != 0 || ::pwrite(file.get(), pid.data(), pid.size(), 0) < 0)
        errno = 0;
    return file;
}

agent::Status instance_free(const std::string& path, std::string_view program) {
    const agent::UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return {}; // there was never one
    if (::flock(file.get(), LOCK_SH | LOCK_NB) != 0) return held(file, program);
    return {};
}

} // namespace agentd
