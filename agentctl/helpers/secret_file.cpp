#include "agentctl/helpers/secret_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace agentctl::helpers {
namespace {

// Away from 0, 1 and 2, which may be closed here and something else there, and from those that
// shell scripts around programs like to use.
constexpr int lowest_number = 10;
constexpr unsigned no_exec_seal = 0x0008; // MFD_NOEXEC_SEAL, which older headers do not name

agent::Error file_problem(const char* what) {
    return agent::fail_errno(agent::Errc::environment, agent::Hop::local,
                             std::string("a file in memory: ") + what, errno);
}

} // namespace

agent::Result<SecretFile> SecretFile::holding(std::string_view text) {
    agent::UniqueFd made(::memfd_create("agentctl", MFD_CLOEXEC | no_exec_seal));
    if (!made && errno == EINVAL) made.reset(::memfd_create("agentctl", MFD_CLOEXEC));
    if (!made) return file_problem("memfd_create");
    if (::fchmod(made.get(), 0600) != 0) return file_problem("fchmod"); // programs look at it
    while (!text.empty()) {
        const ssize_t n = ::write(made.get(), text.data(), text.size());
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return file_problem("write");
        text.remove_prefix(static_cast<std::size_t>(n));
    }
    if (::lseek(made.get(), 0, SEEK_SET) != 0) return file_problem("lseek");
    agent::UniqueFd high(::fcntl(made.get(), F_DUPFD, lowest_number));
    if (!high) return file_problem("F_DUPFD");
    return SecretFile(std::move(high));
}

} // namespace agentctl::helpers
