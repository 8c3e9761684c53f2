#include "agentctl/secret_source.hpp"

#include "base/command_line.hpp"
#include "base/unique_fd.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string>

namespace agentctl {
namespace {

using agent::Errc;
using agent::fail;
using agent::Hop;
using agent::Result;
using agent::Secret;

constexpr std::size_t max_secret_bytes = 64 * 1024;
constexpr std::string_view variable = "env://";
constexpr std::string_view file = "file://";
constexpr std::string_view standard_input = "-";

Secret without_space_around(const Secret& secret) {
    constexpr std::string_view space = " \t\r\n";
    const std::string_view text = secret.reveal();
    const auto first = text.find_first_not_of(space);
    if (first == std::string_view::npos) return {};
    return Secret(std::string(text.substr(first, text.find_last_not_of(space) - first + 1)));
}

Result<Secret> read_all(int fd, const std::string& what) {
    std::string bytes(max_secret_bytes + 1, '\0'); // never grows, so that no copy stays in memory
    std::size_t size = 0;
    int problem = 0;
    while (size < bytes.size() && problem == 0) {
        const ssize_t n = ::read(fd, bytes.data() + size, bytes.size() - size);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) problem = errno;
        if (n <= 0) break;
        size += static_cast<std::size_t>(n);
    }
    const Secret secret(bytes.substr(0, size));
    agent::wipe(bytes);
    if (problem != 0)
        return agent::fail_errno(Errc::invalid_argument, Hop::local, "reading " + what, problem);
    if (size > max_secret_bytes)
        return fail(Errc::invalid_argument, Hop::local, what + " is longer than 64 KiB");
    return without_space_around(secret);
}

Result<Secret> read_standard_input(const std::string& what) {
    static std::string taken_for;
    if (!taken_for.empty())
        return fail(Errc::invalid_argument, Hop::local,
                    "standard input cannot be " + taken_for + " and " + what + " at once",
                    "Give one of them as env://NAME or file://PATH.");
    taken_for = what;
    return read_all(STDIN_FILENO, "standard input for " + what);
}

} // namespace

bool names_a_source(std::string_view text) {
    return text == standard_input || text.starts_with(variable) || text.starts_with(file);
}

Result<Secret> read_secret_source(std::string_view source, std::string_view what) {
    const std::string flag(what);
    if (source == standard_input) return read_standard_input(flag);
    if (source.starts_with(variable)) {
        const std::string name(source.substr(variable.size()));
        const auto value = agent::take_from_environment(name);
        if (!value)
            return fail(Errc::invalid_argument, Hop::local,
                        "the environment variable " + name + " of " + flag + " is not set");
        return without_space_around(*value);
    }
    if (source.starts_with(file)) {
        const std::string path(source.substr(file.size()));
        agent::UniqueFd opened(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
        if (!opened)
            return agent::fail_errno(Errc::invalid_argument, Hop::local,
                                     "opening " + path + " of " + flag, errno);
        return read_all(opened.get(), path);
    }
    return fail(Errc::invalid_argument, Hop::local, flag + " must not hold the secret itself",
                "Give env://NAME or file://PATH.");
}

} // namespace agentctl
