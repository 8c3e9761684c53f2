#pragma once
// LookupQueue: which name is looked up next. No threads and no locks in here: the Resolver guards
// it. One lookup a name, whoever asks for it; and as nobody can take a worker away from a slow
// name, slow names never get all of them.

#include "base/result.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace agent::net {

using Addresses = std::vector<boost::asio::ip::address>;

/// Somebody who waits for an answer, on a loop of his own.
struct LookupWaiter {
    LookupWaiter(boost::asio::any_io_executor executor,
                 std::chrono::steady_clock::time_point deadline)
        : timer(executor) {
        timer.expires_at(deadline);
    }
    boost::asio::steady_timer timer;
    bool told = false; ///< read and written on that loop only
};

struct LookupJob {
    /// How its name did the last time: decides whom it may hold up.
    enum class Pace : std::uint8_t { quick, unknown, slow };
    std::string host;
    Pace pace = Pace::unknown;
    std::chrono::steady_clock::time_point began; ///< only while a worker has it
    bool running = false;
    std::list<std::shared_ptr<LookupWaiter>> waiters;
    std::optional<Result<Addresses>> answer;
};

class LookupQueue {
  public:
    using Clock = std::chrono::steady_clock;
    using JobPtr = std::shared_ptr<LookupJob>;
    static constexpr std::size_t max_waiting = 64;
    static constexpr std::chrono::milliseconds slow_after{1000};

    void set_workers(std::size_t count) { workers_ = count; }

    /// The job for `host` that is on its way, or a new one. `dropped`: whom that took the place of.
    JobPtr join(const std::string& host, std::shared_ptr<LookupWaiter> waiter, JobPtr& dropped);
    /// Nobody waits for it any more: it is not begun, but what runs cannot be stopped.
    void leave(const JobPtr& job, const std::shared_ptr<LookupWaiter>& waiter);
    /// For a worker that has nothing to do; nullptr: nothing that may begin now.
    JobPtr next(Clock::time_point now);
    void finish(const JobPtr& job, Result<Addresses> answer, Clock::time_point now);

    std::size_t waiting() const { return waiting_.size(); }

  private:
    JobPtr worst() const;

    std::size_t workers_ = 0;
    std::list<JobPtr> waiting_; // oldest first
    std::list<JobPtr> running_;
    std::map<std::string, LookupJob::Pace> paces_;
};

} // namespace agent::net
