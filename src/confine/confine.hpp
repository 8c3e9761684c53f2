#pragma once
// What a program of ours gives up for good, so that whoever takes it over gets little with it. Each
// of these says in the log what this kernel cannot do, and goes on without.

#include <string>
#include <vector>

namespace agent::confine {

/// For a program that starts others, which inherit it: no privileges by setuid programs, and no
/// system call that neither it nor any of those needs (refused.cpp).
void give_up_privileges();

/// The only files that remain. What is open already stays open.
struct Files {
    std::vector<std::string>
        sockets; ///< folders in which sockets are made and removed, and nothing else
    std::vector<std::string> writable; ///< files, and folders with what is in them
    std::vector<std::string>
        readable; ///< beside what every program reads: /etc, libraries, its own /proc
};
/// No privileges, no other file, no signal to other programs, no program to execute. Of Landlock
/// only the calling thread and those that it makes later are covered: therefore before the first
/// thread.
void keep_to_files(const Files& files);

/// What of the system calls remains beside reading, relaying and waiting.
enum class Opens {
    to_read,     ///< no file is opened for writing
    to_write_too ///< a database has its files
};
/// For all threads: only system calls that are known to be needed (system_calls.cpp). Any other one
/// is said not to exist, which newer C libraries take for an older kernel; what is dangerous is
/// refused.
void keep_to_system_calls(Opens opens);

/// For all threads: no new Unix socket, by which the user's agents, buses and keys are reached; no
/// file's mode changed.
void no_more_unix_sockets();
/// For all threads: nothing more is listened on, and no file's mode changed.
void no_more_listening();

} // namespace agent::confine
