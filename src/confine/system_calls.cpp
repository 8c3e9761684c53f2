#include "confine/confine.hpp"
#include "confine/filter.hpp"

#include <asm/ioctls.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace agent::confine {
namespace {

constexpr std::uint32_t allow = SCMP_ACT_ALLOW;
constexpr std::uint32_t refuse = SCMP_ACT_ERRNO(EPERM);

constexpr std::array needed{
    // bytes
    "read", "write", "readv", "writev", "pread64", "preadv", "preadv2", "lseek", "recvfrom",
    "recvmsg", "recvmmsg", "sendto", "sendmsg", "sendmmsg", "splice", "accept", "accept4", "bind",
    "connect", "listen", "shutdown", "getsockname", "getpeername", "getsockopt", "setsockopt",
    "socketpair", "pipe", "pipe2", "close", "close_range", "dup", "dup2", "dup3", "fcntl",
    "ftruncate", "fsync", "fdatasync",
    // waiting
    "poll", "ppoll", "select", "pselect6", "epoll_create", "epoll_create1", "epoll_ctl",
    "epoll_wait", "epoll_pwait", "epoll_pwait2", "eventfd2", "timerfd_create", "timerfd_settime",
    "timerfd_gettime", "nanosleep", "clock_nanosleep", "clock_gettime", "clock_getres",
    "gettimeofday", "time", "restart_syscall",
    // memory
    "brk", "munmap", "mremap", "madvise", "mlock", "mlock2", "munlock", "mincore", "membarrier",
    "get_mempolicy",
    // threads and signals
    "futex", "futex_waitv", "set_robust_list", "get_robust_list", "rseq", "set_tid_address",
    "arch_prctl", "gettid", "sched_yield", "sched_getaffinity", "sched_getparam",
    "sched_getscheduler", "getcpu", "exit", "exit_group", "rt_sigaction", "rt_sigprocmask",
    "rt_sigreturn", "rt_sigpending", "rt_sigtimedwait", "sigaltstack",
    // who and where we are
    "getpid", "getppid", "getuid", "geteuid", "getgid", "getegid", "getresuid", "getresgid",
    "getgroups", "umask", "uname", "sysinfo", "getrusage", "times", "getrlimit", "setrlimit",
    "getrandom", "getcwd",
    // files, of which Landlock leaves few
    "access", "faccessat", "faccessat2", "stat", "fstat", "lstat", "newfstatat", "statx", "statfs",
    "fstatfs", "readlink", "readlinkat", "getdents64", "chmod", "fchmod", "fchmodat", "unlink",
    "unlinkat",
    // to give up more
    "seccomp", "landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self"};

// A database's files.
constexpr std::array for_writing{"open",     "openat",    "pwrite64", "pwritev",
                                 "pwritev2", "fallocate", "fchown"};

// Told apart from what is merely unknown: whoever asks for these means it.
constexpr std::array refused{"execve",
                             "execveat",
                             "fork",
                             "vfork",
                             "ptrace",
                             "keyctl",
                             "add_key",
                             "request_key",
                             "kill",
                             "tkill",
                             "link",
                             "linkat",
                             "symlink",
                             "symlinkat",
                             "rename",
                             "renameat",
                             "renameat2",
                             "setsid",
                             "mknod",
                             "mknodat",
                             "truncate",
                             "memfd_create",
                             "rt_sigqueueinfo",
                             "rt_tgsigqueueinfo",
                             "pidfd_send_signal"};

constexpr std::array ioctls{FIONBIO,     FIONREAD,     FIOCLEX,      FIONCLEX,
                            TCGETS,      TIOCGWINSZ,   SIOCGIFINDEX, SIOCGIFNAME,
                            SIOCGIFCONF, SIOCGIFFLAGS, SIOCGIFADDR};
[[maybe_unused]] constexpr std::array prctls{
    PR_SET_NAME,         PR_GET_NAME,         PR_GET_DUMPABLE, PR_GET_SECCOMP,
    PR_SET_NO_NEW_PRIVS, PR_GET_NO_NEW_PRIVS, PR_SET_VMA};

constexpr unsigned type_bits = 0xf; // without SOCK_CLOEXEC and SOCK_NONBLOCK

void allow_sockets(Filter& filter) {
    for (const unsigned family : {AF_INET, AF_INET6})
        for (const auto& [type, protocol] : {std::pair<unsigned, unsigned>{SOCK_STREAM, 0},
                                             {SOCK_STREAM, IPPROTO_TCP},
                                             {SOCK_DGRAM, 0},
                                             {SOCK_DGRAM, IPPROTO_UDP}})
            filter.add(allow, "socket",
                       {equals(0, family), equals(1, type, type_bits), equals(2, protocol)});
    filter.add(allow, "socket", {equals(0, AF_UNIX)});
    // Addresses and routes; who owns a connecting socket.
    for (const unsigned protocol : {NETLINK_ROUTE, NETLINK_SOCK_DIAG})
        filter.add(allow, "socket", {equals(0, AF_NETLINK), equals(2, protocol)});
}

// No page is ever written and executed. Libraries are still loaded: those of name services are,
// when they are asked.
void allow_memory(Filter& filter) {
    constexpr std::uint32_t both = PROT_WRITE | PROT_EXEC;
    for (const char* call : {"mmap", "mmap2"})
        for (const std::uint32_t one : {0, PROT_WRITE, PROT_EXEC})
            filter.add(allow, call, {equals(2, one, both)});
    filter.add(allow, "mprotect", {equals(2, 0, PROT_EXEC)});
}

// LeakSanitizer forks at the end and lets the copy trace the threads.
void allow_threads(Filter& filter) {
    const auto own = static_cast<std::uint32_t>(::getpid());
    filter.add(allow, "tgkill", {equals(0, own)});
    filter.add(allow, "prlimit64", {equals(0, 0)});
    // Not clone3, whose flags cannot be seen: then the C library takes clone.
#ifdef __SANITIZE_ADDRESS__
    for (const char* call : {"clone", "ptrace", "wait4", "prctl", "kill", "tkill", "getdents"})
        filter.add(allow, call);
#else
    constexpr std::uint32_t wanted = CLONE_THREAD | CLONE_VM;
    constexpr std::uint32_t not_wanted = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |
                                         CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWCGROUP;
    filter.add(allow, "clone", {equals(clone_flags, wanted, wanted | not_wanted)});
    for (const int option : prctls)
        filter.add(allow, "prctl", {equals(0, static_cast<std::uint32_t>(option))});
#endif
}

// Landlock does not look after modes. A socket's packet filter is a program for the kernel to
// compile.
void refuse_settings(Filter& filter) {
    for (const char* call : {"chmod", "fchmod", "fchmodat"}) filter.add(refuse, call);
    for (const std::uint32_t program :
         {SO_ATTACH_FILTER, SO_ATTACH_BPF, SO_ATTACH_REUSEPORT_CBPF, SO_ATTACH_REUSEPORT_EBPF})
        filter.add(refuse, "setsockopt", {equals(1, SOL_SOCKET), equals(2, program)});
}

} // namespace

void keep_to_system_calls(Opens opens) {
    Filter filter(SCMP_ACT_ERRNO(ENOSYS));
    filter.add(allow, needed);
    allow_sockets(filter);
    allow_memory(filter);
    allow_threads(filter);
    for (const auto number : ioctls) filter.add(allow, "ioctl", {equals(1, number)});
    if (opens == Opens::to_write_too) {
        filter.add(allow, for_writing);
    } else {
        constexpr std::uint32_t writing = O_ACCMODE | O_CREAT | O_TRUNC;
        filter.add(allow, "open", {equals(1, O_RDONLY, writing)});
        filter.add(allow, "openat", {equals(2, O_RDONLY, writing)});
    }
    for (const char* call : refused) filter.add(refuse, call);
    filter.load();
}

void no_more_unix_sockets() {
    Filter filter(SCMP_ACT_ALLOW);
    filter.add(refuse, "socket", {equals(0, AF_UNIX)});
    filter.add(refuse, "socketpair");
    refuse_settings(filter);
    filter.load();
}

void no_more_listening() {
    Filter filter(SCMP_ACT_ALLOW);
    filter.add(refuse, "listen");
    refuse_settings(filter);
    filter.load();
}

} // namespace agent::confine
