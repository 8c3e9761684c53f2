#pragma once
// What every process of ours does to itself first.

namespace agent {

/// No core dumps, no ptrace by others of the same user (PR_SET_DUMPABLE 0, RLIMIT_CORE 0), SIGPIPE
/// ignored, umask 077. As much locked memory as the machine allows; the log says when that was not
/// enough for the secrets.
void harden_process();

} // namespace agent
