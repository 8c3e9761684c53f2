#include "confine/confine.hpp"
#include "confine/filter.hpp"

#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace agent::confine {
namespace {

// About what @debug, @module, @mount, @clock, @raw-io, @reboot, @swap and RestrictNamespaces= keep
// from the units.
constexpr std::array calls{
    // other processes' memory and descriptors
    "process_vm_readv", "process_vm_writev", "process_madvise", "kcmp", "pidfd_getfd",
    // large parts of the kernel that nobody here uses
    "bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter",
    "io_uring_register", "fanotify_init", "lookup_dcookie", "modify_ldt", "vm86", "vm86old",
    "uselib", "nfsservctl", "quotactl", "quotactl_fd", "syslog", "acct",
    // another view of the file system
    "mount", "umount", "umount2", "pivot_root", "chroot", "fsopen", "fsconfig", "fsmount", "fspick",
    "move_mount", "open_tree", "open_tree_attr", "mount_setattr", "open_by_handle_at", "unshare",
    "setns",
    // the machine
    "init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load", "reboot",
    "swapon", "swapoff", "sethostname", "setdomainname", "settimeofday", "clock_settime",
    "clock_settime64", "iopl", "ioperm"};

constexpr std::array new_namespaces{CLONE_NEWNS,  CLONE_NEWUTS, CLONE_NEWIPC,   CLONE_NEWUSER,
                                    CLONE_NEWPID, CLONE_NEWNET, CLONE_NEWCGROUP};

// A family is an int; whatever it may be, one of these rules meets it.
void refuse_other_families(Filter& filter) {
    constexpr unsigned many = 64;
    for (unsigned family = 0; family < many; ++family)
        if (family != AF_UNIX && family != AF_INET && family != AF_INET6 && family != AF_NETLINK)
            filter.add(SCMP_ACT_ERRNO(EAFNOSUPPORT), "socket", {equals(0, family)});
    for (unsigned bit = many; bit != 0; bit <<= 1)
        filter.add(SCMP_ACT_ERRNO(EAFNOSUPPORT), "socket", {equals(0, bit, bit)});
}

} // namespace

void give_up_privileges() {
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    constexpr std::uint32_t refuse = SCMP_ACT_ERRNO(EPERM);
    Filter filter(SCMP_ACT_ALLOW);
    filter.add(refuse, calls);
#ifndef __SANITIZE_ADDRESS__
    filter.add(refuse, "ptrace"); // with which LeakSanitizer stops its own threads
#endif
    for (const int flag : new_namespaces) {
        const auto bit = static_cast<std::uint32_t>(flag);
        filter.add(refuse, "clone", {equals(clone_flags, bit, bit)});
    }
    filter.add(SCMP_ACT_ERRNO(ENOSYS), "clone3"); // its flags cannot be seen; then it is clone
    filter.add(refuse, "personality", {{0, SCMP_CMP_NE, 0xffffffff, 0}});
    filter.add(refuse, "ioctl", {equals(1, TIOCSTI)});   // to type into a terminal
    filter.add(refuse, "ioctl", {equals(1, TIOCLINUX)}); // to paste into a console
    refuse_other_families(filter);
    filter.load();
}

} // namespace agent::confine
