#include "base/process.hpp"

#include "base/locked_memory.hpp"
#include "base/log.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>

namespace agent {

void harden_process() {
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
    std::signal(SIGPIPE, SIG_IGN);
    ::umask(077);
    rlimit lockable{};
    if (::getrlimit(RLIMIT_MEMLOCK, &lockable) == 0) { // as much as we may
        lockable.rlim_cur = lockable.rlim_max;
        ::setrlimit(RLIMIT_MEMLOCK, &lockable);
    }
    when_not_locked([] {
        log::warning(
            "secrets in memory may be swapped out: the limit for locked memory (ulimit -l) is low");
    });
}

} // namespace agent
