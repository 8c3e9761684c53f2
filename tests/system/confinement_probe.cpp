// confinement_probe PROFILE FOLDER PORT VICTIM: confines itself as that program of ours does, then
// tries what an attacker in its place would try, and what the program needs. One line each: NAME
// ok, or NAME and the error's name. FOLDER has sockets/ (it may make sockets there), state/ (the
// dev server's) and secret; a socket listens at its "agent", one at the abstract name FOLDER, one
// at PORT of loopback. VICTIM is a process of the same user.

#include "base/unique_fd.hpp"
#include "confine/confine.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <thread>

namespace {

using agent::UniqueFd;
using namespace agent::confine;

std::string folder;
std::uint16_t port = 0;
pid_t victim = 0;

void say(const char* name, long result) {
    std::printf("%s %s\n", name, result >= 0 ? "ok" : ::strerrorname_np(errno));
    std::fflush(stdout);
}

long opens(const std::string& path, int flags) {
    const UniqueFd file(::open(path.c_str(), flags | O_CLOEXEC, 0600));
    return file ? 0 : -1;
}

long makes_socket(int family, int type, int protocol) {
    const UniqueFd made(::socket(family, type, protocol));
    return made ? 0 : -1;
}

long connects_to(const std::string& name) { // "@…": abstract
    const UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM, 0));
    if (!socket) return -1;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    name.copy(address.sun_path, sizeof address.sun_path - 1);
    if (name[0] == '@') address.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), size);
}

long listens_at(const std::string& path) {
    const UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM, 0));
    if (!socket) return -1;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return -1;
    if (::chmod(path.c_str(), 0600) != 0 || ::listen(socket.get(), 8) != 0) return -1;
    return ::unlink(path.c_str());
}

sockaddr_in loopback(std::uint16_t at) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(at);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

long listens_on_tcp() {
    const UniqueFd socket(::socket(AF_INET, SOCK_STREAM, IPPROTO_TCP));
    const auto any = loopback(0);
    if (!socket || ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&any), sizeof any) != 0)
        return -1;
    return ::listen(socket.get(), 8);
}

long dials() {
    const UniqueFd socket(::socket(AF_INET, SOCK_STREAM, IPPROTO_TCP));
    const auto there = loopback(port);
    return socket ? ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&there), sizeof there)
                  : -1;
}

long resolves(const char* name) {
    addrinfo* found = nullptr;
    const int problem = ::getaddrinfo(name, "1", nullptr, &found);
    if (problem == 0) ::freeaddrinfo(found);
    if (problem != EAI_SYSTEM) errno = ENOENT;
    return problem == 0 ? 0 : -1;
}

/// A copy of this process with these flags, which ends at once.
long copies(unsigned long flags) {
    const long pid = ::syscall(SYS_clone, flags | SIGCHLD, nullptr, nullptr, nullptr, nullptr);
    if (pid == 0) ::syscall(SYS_exit_group, 0);
    if (pid > 0) ::waitpid(static_cast<pid_t>(pid), nullptr, 0);
    return pid;
}

long maps(int protection) {
    return ::mmap(nullptr, 4096, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1
                                                                                               : 0;
}

long makes_executable() {
    void* const page =
        ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return ::mprotect(page, 4096, PROT_READ | PROT_EXEC);
}

long filters_packets() {
    const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM, 0));
    sock_filter pass{BPF_RET | BPF_K, 0, 0, 0xffffffff};
    const sock_fprog program{1, &pass};
    return ::setsockopt(socket.get(), SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

long executes() {
    char name[] = "/bin/echo";
    char first[] = "execve";
    char second[] = "ok";
    char* words[] = {name, first, second, nullptr};
    return ::execv(name, words);
}

std::atomic<int> stage{0};
void try_in_older_thread() {
    while (stage == 0) ::usleep(1000);
    say("older thread: fork", copies(0));
    say("older thread: resolve", resolves("localhost"));
}

void confine(const std::string& profile) {
    if (profile == "agentd") give_up_privileges();
    if (profile == "agent-proxy") keep_to_files({.sockets = {folder + "/sockets"}});
    if (profile == "agent-dev-server")
        keep_to_files({.writable = {folder + "/state"}, .readable = {folder + "/config"}});
    if (profile == "agent-console") keep_to_files({});
}

void confine_further(const std::string& profile) {
    if (profile == "agent-dev-server") keep_to_system_calls(Opens::to_write_too);
    if (profile == "agent-proxy" || profile == "agent-console")
        keep_to_system_calls(Opens::to_read);
}

void attack() {
    say("fork", copies(0));
    say("new user namespace", copies(CLONE_NEWUSER));
    say("unshare", ::unshare(CLONE_FS | CLONE_NEWUTS));
    say("ptrace", ::ptrace(PTRACE_SEIZE, victim, nullptr, nullptr));
    say("signal", ::kill(victim, 0));
    say("signal to a thread", ::syscall(SYS_tgkill, victim, victim, 0));
    say(
        "limits of another", ::prlimit(victim, RLIMIT_NOFILE, nullptr, nullptr) != 0 ? -1 : [] {
            rlimit limit{};
            return ::prlimit(victim, RLIMIT_CPU, nullptr, &limit);
        }());
    say("environment of another", opens("/proc/" + std::to_string(victim) + "/environ", O_RDONLY));
    say("command line of another", opens("/proc/" + std::to_string(victim) + "/cmdline", O_RDONLY));
    say("descriptors of another",
        opens("/proc/" + std::to_string(victim) + "/fd", O_RDONLY | O_DIRECTORY));
    say("keyctl", ::syscall(SYS_keyctl, 0, -3, 0));
    say("add_key",
        ::syscall(SYS_add_key, "user", "confinement_probe", "x", 1, -2)); // this process's own ring
    say("mount",
        ::syscall(SYS_mount, nullptr, nullptr, nullptr, 0, nullptr)); // EFAULT to whoever may
    say("bpf", ::syscall(SYS_bpf, 5, nullptr, 0));
    say("perf", ::syscall(SYS_perf_event_open, nullptr, 0, -1, -1, 0));
    say("userfaultfd", ::syscall(SYS_userfaultfd, 1)); // user mode only
    say("io_uring", ::syscall(425, 1, nullptr));
    say("personality", ::syscall(SYS_personality, 0x0040000));
    say("type into a terminal", ::ioctl(0, TIOCSTI, "x"));
    say("packet socket", makes_socket(AF_PACKET, SOCK_DGRAM, 0));
    say("kernel's ciphers", makes_socket(AF_ALG, SOCK_SEQPACKET, 0));
    say("raw socket", makes_socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
    say("nftables", makes_socket(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER));
    say("packet filter", filters_packets());
    say("abstract socket", connects_to("@" + folder));
    say("agent's socket", connects_to(folder + "/agent"));
    say("read a secret", opens(folder + "/secret", O_RDONLY));
    say("write a secret", opens(folder + "/secret", O_WRONLY));
    say("truncate a secret", ::truncate((folder + "/secret").c_str(), 6));
    say("open a secret", ::chmod((folder + "/secret").c_str(), 0644));
    say("new file", opens(folder + "/new", O_WRONLY | O_CREAT));
    say("new file among the sockets", opens(folder + "/sockets/new", O_WRONLY | O_CREAT));
    say("new folder", ::mkdir((folder + "/new folder").c_str(), 0700));
    say("remove a file", ::unlink((folder + "/victim").c_str()));
    say("new link", ::symlink("/", (folder + "/link").c_str()));
    say("writable and executable", maps(PROT_READ | PROT_WRITE | PROT_EXEC));
    say("made executable", makes_executable());
    say("listen on TCP", listens_on_tcp());
}

void work() {
    say("resolve", resolves("localhost"));
    say("dial", dials());
    say("read resolv.conf", opens("/etc/resolv.conf", O_RDONLY));
    say("random bytes", opens("/dev/urandom", O_RDONLY));
    say("nothing to read", opens("/dev/null", O_RDONLY));
    say("who owns a socket",
        makes_socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 4 /* NETLINK_SOCK_DIAG */));
    say("addresses of this machine",
        makes_socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
    say("table of sockets", opens("/proc/net/tcp", O_RDONLY));
    say("more memory", maps(PROT_READ | PROT_WRITE));
    say("state file", opens(folder + "/state/db", O_RDWR | O_CREAT));
    say("configuration", opens(folder + "/config", O_RDONLY));
    std::thread([] { say("new thread", 0); }).join();
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 5) return 3;
    const std::string profile = argv[1];
    folder = argv[2];
    port = static_cast<std::uint16_t>(std::atoi(argv[3]));
    victim = std::atoi(argv[4]);
    confine(profile);
    std::thread older(try_in_older_thread);
    confine_further(profile);
    say("listen at a socket", listens_at(folder + "/sockets/one"));
    if (profile == "agent-proxy" || profile == "agent-dev-server") no_more_unix_sockets();
    if (profile != "none" && profile != "agentd") no_more_listening();
    stage = 1;
    older.join();
    work();
    attack();
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("NoNewPrivs") || line.starts_with("Seccomp:"))
            std::printf("%s\n", line.c_str());
    std::fflush(stdout);
    say("execve", executes());
    return 0;
}
