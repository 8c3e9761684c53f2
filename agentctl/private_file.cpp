#include "agentctl/private_file.hpp"

#include "base/private_folder.hpp"
#include "base/replace_file.hpp"
#include "base/unique_fd.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <optional>

namespace agentctl {
namespace {

using agent::Errc;
using agent::fail;
using agent::fail_errno;
using agent::Hop;

/// What is there now; nullopt: nothing.
agent::Result<std::optional<std::string>> read_ours(const std::string& path,
                                                    std::string_view mark) {
    const auto refusal = [&](const std::string& why) {
        return fail(Errc::environment, Hop::local, path + " " + why + ", so it was left alone",
                    "Move it away, or name another file.");
    };
    const agent::UniqueFd file(
        ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!file && errno == ENOENT) return std::optional<std::string>();
    if (!file && errno == ELOOP) return refusal("is a symbolic link");
    if (!file) return fail_errno(Errc::environment, Hop::local, "open " + path, errno);
    struct stat found{};
    if (::fstat(file.get(), &found) != 0 || !S_ISREG(found.st_mode))
        return refusal("is no plain file");
    if (found.st_uid != ::geteuid()) return refusal("belongs to another user");
    std::string text(static_cast<std::size_t>(found.st_size), '\0');
    std::size_t done = 0;
    while (done < text.size()) {
        const ssize_t n = ::read(file.get(), text.data() + done, text.size() - done);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break;
        done += static_cast<std::size_t>(n);
    }
    text.resize(done);
    if (!text.starts_with(mark)) return refusal("was not made by agentctl");
    return std::optional(std::move(text));
}

} // namespace

agent::Result<bool> replace_private_file(const std::string& path, const std::string& text,
                                         std::string_view mark) {
    const auto present = read_ours(path, mark);
    if (!present) return present.error();
    if (*present == text) return false;
    const auto folder = std::filesystem::path(path).parent_path();
    if (!folder.empty())
        if (auto made = agent::make_private_folder(folder); !made) return made.error();
    if (auto written = agent::replace_file(path, text); !written) return written.error();
    return true;
}

} // namespace agentctl
