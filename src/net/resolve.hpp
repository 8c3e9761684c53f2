#pragma once
// Resolver: from a name to addresses with getaddrinfo, so that /etc/hosts, search domains and nss
// hold. It blocks and cannot be interrupted, so it runs on a few threads that are made once:
// nothing has to be made later, where it could fail, and a slow name holds up itself. dial.cpp and
// the controller's client call it.

#include "async/token.hpp"
#include "net/lookup_queue.hpp"

#include <functional>

namespace agent::net {

/// Blocks, on a worker. Errors say nothing of the name: whoever asked knows it.
using Lookup = std::function<Result<Addresses>(const std::string& host)>;
/// getaddrinfo: its order of addresses, each once.
Result<Addresses> look_up(const std::string& host);

/// What needs no lookup: IPv4, IPv6, also with a scope ("fe80::1%eth0"), and the old spellings
/// ("127.1").
std::optional<boost::asio::ip::address> literal_address(const std::string& host);

class Resolver {
  public:
    explicit Resolver(std::size_t workers, Lookup lookup = look_up);
    Resolver(const Resolver&) = delete;
    Resolver& operator=(const Resolver&) = delete;
    /// Waits for nobody: a worker in the middle of a lookup ends after it, and touches nothing of
    /// ours.
    ~Resolver();

    /// Errc::timed_out at the deadline, Errc::canceled when the coroutine is cancelled,
    /// Errc::limit_exceeded where this machine lacks something that may come back; else why there
    /// is no address.
    awaitable<Result<Addresses>> resolve(std::string host,
                                         std::chrono::steady_clock::time_point deadline);

    std::size_t workers() const;

  private:
    struct Shared;
    class Ticket;
    static void* work(void* shared);
    void make_workers(std::size_t count);

    std::size_t wanted_;
    std::shared_ptr<Shared> shared_; ///< the workers' too
};

/// The process's resolver: main makes it, early, and it lives until the process is gone. Threads
/// inherit what confines the one that makes them, so this comes after no_new_privs and Landlock,
/// and before a filter that forbids threads.
void start_resolver(std::size_t workers);
/// Where main has not (tests, small programs) the first call makes it.
Resolver& resolver();

} // namespace agent::net
