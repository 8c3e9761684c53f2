#pragma once
// How another program is started. Without a copy of this process in between: no memory of ours is
// in the child for a moment, and threads do not matter.

#include "base/result.hpp"
#include "base/unique_fd.hpp"

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace agent {

struct Command {
    std::vector<std::string> words; ///< words[0] is looked for on PATH unless it holds a slash
    std::string program;            ///< what is executed; empty: words[0]
    std::optional<std::vector<std::string>> environment; ///< NAME=value; nullopt: ours
    std::string folder;                                  ///< where it starts; empty: where we are
    int in = -1;  ///< what becomes its standard input; -1: /dev/null
    int out = -1; ///< …
    int err = -1;
    int third = -1;           ///< what becomes its descriptor 3; -1: nothing
    bool own_session = false; ///< no terminal ends it; every signal is as it is in a new process
    bool all_descriptors = false; ///< what of ours is open beyond those, and not close-on-exec,
                                  ///< stays so. Asio's sockets are not close-on-exec.
};

/// No signal is blocked in the child, and SIGPIPE, which our programs ignore, is as usual. The
/// caller waits for it. Errc::environment when it cannot be run; `attempt` begins the message, else
/// it is "run PROGRAM".
Result<pid_t> spawn(const Command& command, std::string attempt = {});

struct Pipe {
    UniqueFd read;
    UniqueFd write;
};
/// Close-on-exec both.
Result<Pipe> make_pipe();

/// A descriptor that is readable once the process has ended.
Result<UniqueFd> open_process(pid_t pid);

} // namespace agent
