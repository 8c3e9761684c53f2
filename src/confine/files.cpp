#include "confine/confine.hpp"

#include "base/log.hpp"
#include "base/unique_fd.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace agent::confine {
namespace {

// include/uapi/linux/landlock.h of Linux 6.12: the headers of a distribution may be older than its
// users' kernels, and glibc has no functions for these calls.
constexpr std::uint32_t ask_version = 1;
constexpr int rule_path_beneath = 1;

constexpr std::uint64_t execute = 1U << 0, write_file = 1U << 1, read_file = 1U << 2,
                        read_dir = 1U << 3, remove_file = 1U << 5, make_reg = 1U << 8,
                        make_sock = 1U << 9;
constexpr std::uint64_t refer = 1U << 13;                 // since version 2
constexpr std::uint64_t truncate = 1U << 14;              // since 3
constexpr std::uint64_t ioctl_dev = 1U << 15;             // since 5
constexpr std::uint64_t abstract_sockets_and_signals = 3; // since 6
constexpr std::uint64_t of_version_1 = refer - 1;
constexpr std::uint64_t of_a_file =
    execute | write_file | read_file | truncate | ioctl_dev; // the rest are folders'

struct RulesetAttributes { // the kernel takes a longer one than it knows, if the rest is 0
    std::uint64_t files = 0;
    std::uint64_t ports = 0;
    std::uint64_t scoped = 0;
};
struct [[gnu::packed]] PathBeneath {
    std::uint64_t allowed;
    std::int32_t parent;
};

/// 0: there is none, and errno says why.
int landlock_version() {
    const auto version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, ask_version);
    return version < 0 ? 0 : static_cast<int>(version);
}

std::uint64_t known_to(int version) {
    return of_version_1 | (version >= 2 ? refer : 0) | (version >= 3 ? truncate : 0) |
           (version >= 5 ? ioctl_dev : 0);
}

// A name service is whatever /etc/nsswitch.conf names: a library, its settings, its own folder in
// /run. Of /dev nothing but what gives no bytes of anybody.
constexpr std::array system_folders{"/etc",
                                    "/usr",
                                    "/lib",
                                    "/lib32",
                                    "/lib64",
                                    "/nix",
                                    "/gnu",
                                    "/run/systemd/resolve",
                                    "/run/NetworkManager",
                                    "/run/resolvconf",
                                    "/run/connman",
                                    "/run/nscd",
                                    "/var/lib/sss",
                                    "/dev/null",
                                    "/dev/zero",
                                    "/dev/random",
                                    "/dev/urandom"};

// Of other processes nothing: where their environment can be read, so can what is in it.
constexpr std::array made_anew{"/proc/self", "/proc/sys", "/sys/devices/system/cpu"};

/// It is often a link into /run, to a file that is replaced when the network changes.
std::string folder_of_resolv_conf() {
    std::error_code ec;
    const auto real = std::filesystem::canonical("/etc/resolv.conf", ec);
    const std::string folder = ec ? std::string() : real.parent_path().string();
    return folder.starts_with("/run/") || folder.starts_with("/mnt/") ? folder : std::string();
}

class Ruleset {
  public:
    explicit Ruleset(int version) : known_(known_to(version)) {
        RulesetAttributes attributes;
        attributes.files = known_;
        if (version >= 6) attributes.scoped = abstract_sockets_and_signals;
        ruleset_.reset(static_cast<int>(
            ::syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0)));
        if (!ruleset_) problem_ = errno;
    }

    /// A rule holds for an inode, and these file systems make another one for the same path once
    /// memory was short. One that is held open stays.
    void allow_for_good(const char* path, std::uint64_t access) {
        static std::vector<UniqueFd> held;
        held.emplace_back(::open(path, O_PATH | O_CLOEXEC));
        allow(path, access);
    }

    /// What is not there needs no rule.
    void allow(const std::string& path, std::uint64_t access) {
        const UniqueFd at(path.empty() ? -1 : ::open(path.c_str(), O_PATH | O_CLOEXEC));
        struct stat file{};
        if (!at || ::fstat(at.get(), &file) != 0) return;
        if (!S_ISDIR(file.st_mode)) access &= of_a_file;
        const PathBeneath rule{access & known_, at.get()};
        if (::syscall(SYS_landlock_add_rule, ruleset_.get(), rule_path_beneath, &rule, 0) != 0)
            problem_ = errno;
    }

    /// 0, or why not.
    int enforce() {
        if (problem_ == 0 && ::syscall(SYS_landlock_restrict_self, ruleset_.get(), 0) != 0)
            problem_ = errno;
        return problem_;
    }

  private:
    std::uint64_t known_;
    UniqueFd ruleset_;
    int problem_ = 0;
};

} // namespace

void keep_to_files(const Files& files) {
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    const int version = landlock_version();
    if (version == 0) {
        log::info("confinement: no Landlock here: {}", std::generic_category().message(errno));
        return;
    }
    constexpr std::uint64_t reading = read_file | read_dir;
    Ruleset rules(version);
    for (const char* path : system_folders) rules.allow(path, reading);
    for (const char* path : made_anew) rules.allow_for_good(path, reading);
    rules.allow(folder_of_resolv_conf(), reading);
    rules.allow("/dev/null", reading | write_file);
#ifdef __SANITIZE_ADDRESS__
    rules.allow("/proc/self/exe", reading); // whose lines a report names
#endif
    for (const auto& path : files.sockets) rules.allow(path, read_dir | make_sock | remove_file);
    for (const auto& path : files.writable)
        rules.allow(path, reading | write_file | truncate | make_reg | remove_file);
    for (const auto& path : files.readable) rules.allow(path, reading);
    if (const int problem = rules.enforce(); problem != 0)
        log::warning("confinement: no Landlock here: {}", std::generic_category().message(problem));
}

} // namespace agent::confine
