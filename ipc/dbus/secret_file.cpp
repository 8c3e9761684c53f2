// Secrets as file descriptors: read from whatever the caller hands over, and handed out as a sealed
// file in memory.

#include "async/with_timeout.hpp"
#include "ipc/dbus/arguments.hpp"
#include "ipc/dbus/limits.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/this_coro.hpp>

#include <cerrno>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ipc::dbus {

namespace asio = boost::asio;
using agent::Errc;
using agent::fail;
using agent::Hop;
using agent::Result;
using agent::Secret;

namespace {

/// Bytes that are wiped when they go.
struct Buffer {
    std::string bytes = std::string(max_secret_bytes + 1, '\0');
    std::size_t used = 0;
    ~Buffer() { ::explicit_bzero(bytes.data(), bytes.size()); }
    char* free_place() { return bytes.data() + used; }
    std::size_t room() const { return bytes.size() - used; }
};

Result<Secret> secret_of(const Buffer& buffer) {
    if (buffer.room() == 0)
        return fail(Errc::limit_exceeded, Hop::limit, "the secret in the file is too long");
    std::size_t length = buffer.used;
    if (length > 0 && buffer.bytes[length - 1] == '\n') --length;
    return Secret(buffer.bytes.substr(0, length));
}

agent::Error unreadable(int number) {
    return agent::fail_errno(Errc::invalid_argument, Hop::local,
                             "read the secret's file descriptor", number);
}

/// A file or memfd: never blocks on its writer.
Result<Secret> read_file(int fd) {
    Buffer buffer;
    while (buffer.room() > 0) {
        const ssize_t n =
            ::pread(fd, buffer.free_place(), buffer.room(), static_cast<off_t>(buffer.used));
        if (n == 0) break;
        if (n < 0) return unreadable(errno);
        buffer.used += static_cast<std::size_t>(n);
    }
    return secret_of(buffer);
}

asio::awaitable<Result<Secret>> read_stream(agent::UniqueFd fd) {
    asio::posix::stream_descriptor stream(co_await asio::this_coro::executor);
    boost::system::error_code failed;
    stream.assign(fd.get(), failed);
    if (failed) co_return unreadable(failed.value());
    fd.release();
    Buffer buffer;
    while (buffer.room() > 0) {
        const auto place = asio::buffer(buffer.free_place(), buffer.room());
        const auto [ec, n] = co_await stream.async_read_some(place, agent::async::token);
        if (ec == asio::error::eof) break;
        if (ec) co_return unreadable(ec.value());
        buffer.used += n;
    }
    co_return secret_of(buffer);
}

} // namespace

asio::awaitable<Result<Secret>> read_secret(agent::UniqueFd fd) {
    struct stat kind{};
    if (::fstat(fd.get(), &kind) != 0) co_return unreadable(errno);
    if (S_ISREG(kind.st_mode)) co_return read_file(fd.get());
    if (!S_ISFIFO(kind.st_mode) && !S_ISSOCK(kind.st_mode))
        co_return fail(Errc::invalid_argument, Hop::local,
                       "a secret's file descriptor must be a pipe, socket or file");
    auto read = co_await agent::async::with_timeout(read_stream(std::move(fd)), secret_timeout);
    if (!read)
        co_return fail(Errc::timed_out, Hop::local,
                       "the secret's file descriptor was not written to its end in time",
                       "close the writing side");
    co_return std::move(*read);
}

Result<agent::UniqueFd> secret_file(const Secret& secret) {
    agent::UniqueFd fd(::memfd_create("agentd-secret", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!fd) return agent::fail_errno(Errc::environment, Hop::local, "memfd_create", errno);
    std::string_view left = secret.reveal();
    while (!left.empty()) {
        const ssize_t n = ::write(fd.get(), left.data(), left.size());
        if (n <= 0)
            return agent::fail_errno(Errc::environment, Hop::local, "write to memory", errno);
        left.remove_prefix(static_cast<std::size_t>(n));
    }
    ::lseek(fd.get(), 0, SEEK_SET);
    ::fcntl(fd.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL);
    return fd;
}

} // namespace ipc::dbus
