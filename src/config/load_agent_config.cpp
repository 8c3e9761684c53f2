// From a path to an AgentConfig.
#include "base/unique_fd.hpp"
#include "config/agent_config.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace agent::config {

namespace {

constexpr off_t max_file_bytes = 1 << 20;

Error unreadable(const std::string& path, const std::string& why, std::string hint = {}) {
    return fail(Errc::environment, Hop::local, path + " " + why, std::move(hint));
}

/// The file says where logins are sent, so nobody else may have written it.
Status check_writers(const std::string& path, const struct stat& status) {
    if (status.st_uid != ::geteuid() && status.st_uid != 0)
        return unreadable(path, "belongs to another user");
    if ((status.st_mode & S_IWOTH) != 0)
        return unreadable(path, "can be written by every user", "chmod o-w " + path);
    return {};
}

Result<std::string> read_text(int file, const std::string& path, off_t size) {
    std::string text(static_cast<std::size_t>(size), '\0');
    std::size_t done = 0;
    while (done < text.size()) {
        const auto n = ::read(file, text.data() + done, text.size() - done);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail_errno(Errc::environment, Hop::local, "read " + path, errno);
        if (n == 0) break;
        done += static_cast<std::size_t>(n);
    }
    text.resize(done);
    return text;
}

Result<AgentConfig> load(const std::string& path, bool must_exist) {
    const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK |
                                                 O_NOCTTY)); // a FIFO must not hang us
    if (!file && errno == ENOENT && !must_exist) return AgentConfig{};
    if (!file) return fail_errno(Errc::environment, Hop::local, "read " + path, errno);
    struct stat status{};
    if (::fstat(file.get(), &status) != 0)
        return fail_errno(Errc::environment, Hop::local, "read " + path, errno);
    if (!S_ISREG(status.st_mode)) return unreadable(path, "is not a file");
    if (const auto checked = check_writers(path, status); !checked) return checked.error();
    if (status.st_size > max_file_bytes) return unreadable(path, "is larger than 1 MiB");
    const auto text = read_text(file.get(), path, status.st_size);
    if (!text) return text.error();
    return parse_agent_config(*text, path);
}

template <class T> const T* find(const std::vector<T>& all, std::string_view name) {
    const auto found = std::ranges::find(all, name, &T::name);
    return found == all.end() ? nullptr : &*found;
}

} // namespace

const ClusterConfig* AgentConfig::cluster(std::string_view name) const {
    if (!name.empty()) return find(clusters, name);
    const auto found = std::ranges::find(clusters, true, &ClusterConfig::is_default);
    return found == clusters.end() ? nullptr : &*found;
}

Result<AgentConfig> load_agent_config(const std::string& path) {
    return load(path, true);
}

Result<AgentConfig> load_agent_config_if_there(const std::string& path) {
    return load(path, false);
}

} // namespace agent::config
