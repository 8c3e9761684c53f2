#include "base/log.hpp"

#include "base/printable.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <string>

namespace agent::log {
namespace {

Level limit = Level::info;
Sink sink_ = nullptr;
std::int64_t most_bytes = 0; // 0: no bound

std::string_view word(Level level) {
    switch (level) {
    case Level::error:
        return "error";
    case Level::warning:
        return "warning";
    case Level::info:
        return "info";
    case Level::debug:
        return "debug";
    }
    return "?";
}

bool on_terminal() {
    const int before = errno; // callers log what happened and go on with it
    const bool yes = ::isatty(STDERR_FILENO) != 0;
    errno = before;
    return yes;
}

bool appends(int fd) {
    const int flags = ::fcntl(fd, F_GETFL);
    return flags >= 0 && (flags & O_APPEND) != 0; // else a shortened file would begin with a hole
}

void keep_bound() {
    struct stat file{};
    if (::fstat(STDERR_FILENO, &file) != 0 || file.st_size <= most_bytes) return;
    if (::ftruncate(STDERR_FILENO, 0) != 0) most_bytes = 0; // it will not do so next time either
}

} // namespace

void bound_file(const std::string& path, std::int64_t bytes) {
    struct stat written{};
    struct stat named{};
    if (::fstat(STDERR_FILENO, &written) != 0 || ::lstat(path.c_str(), &named) != 0) return;
    if (!S_ISREG(named.st_mode) || named.st_nlink != 1 || named.st_uid != ::geteuid()) return;
    if (written.st_dev != named.st_dev || written.st_ino != named.st_ino || !appends(STDERR_FILENO))
        return;
    most_bytes = bytes;
}

void set_level_from_environment() {
    const char* value = std::getenv("AGENTD_LOG");
    if (value == nullptr) return;
    for (auto level : {Level::error, Level::warning, Level::info, Level::debug})
        if (word(level) == value) limit = level;
}

bool enabled(Level level) {
    return level <= limit;
}

void set_sink(Sink sink) {
    sink_ = sink;
}

void write(Level level, std::string_view line) {
    if (sink_ != nullptr) return sink_(level, line);
    std::string out;
    if (!on_terminal()) {
        out = fmt::format("<{}>", static_cast<int>(level));
    } else {
        const std::time_t now = std::time(nullptr);
        std::tm parts{};
        localtime_r(&now, &parts);
        char stamp[16];
        std::strftime(stamp, sizeof stamp, "%H:%M:%S", &parts);
        out = fmt::format("{} {}: ", stamp, word(level));
    }
    // One write, one line: peers' texts may hold anything, so what a reader could not see is made
    // visible.
    std::string shown;
    for (char c : line) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            shown += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
        else
            shown += c;
    }
    out += printable(shown) + '\n';
    if (most_bytes > 0) keep_bound();
    [[maybe_unused]] auto ignored = ::write(STDERR_FILENO, out.data(), out.size());
}

void write_formatted(Level level, fmt::string_view text, fmt::format_args args) noexcept {
    try {
        write(level, fmt::vformat(text, args));
    } catch (...) {
        constexpr std::string_view instead = "<3>a log line is missing here: there was no memory\n";
        [[maybe_unused]] auto ignored = ::write(STDERR_FILENO, instead.data(), instead.size());
    }
}

} // namespace agent::log
