#include "net/lookup_queue.hpp"

#include <algorithm>
#include <new>

namespace agent::net {
namespace {

using Pace = LookupJob::Pace;
constexpr std::size_t max_remembered = 256;

} // namespace

LookupQueue::JobPtr LookupQueue::join(const std::string& host, std::shared_ptr<LookupWaiter> waiter,
                                      JobPtr& dropped) {
    for (const auto* jobs : {&running_, &waiting_})
        for (const auto& job : *jobs)
            if (job->host == host) {
                job->waiters.push_back(std::move(waiter));
                return job;
            }
    auto job = std::make_shared<LookupJob>();
    job->host = host;
    if (const auto known = paces_.find(host); known != paces_.end()) job->pace = known->second;
    job->waiters.push_back(std::move(waiter));
    waiting_.push_back(job);
    if (waiting_.size() <= max_waiting) return job;
    dropped = worst();
    waiting_.remove(dropped);
    dropped->answer =
        fail(Errc::limit_exceeded, Hop::limit, "too many names are being looked up at once",
             "this machine's DNS is slow or does not answer: resolvectl status, /etc/resolv.conf");
    return job;
}

// A name that was slow goes before one that nobody knows, and of those the one that has waited
// longest: it has had most of its caller's patience already.
LookupQueue::JobPtr LookupQueue::worst() const {
    return *std::ranges::max_element(waiting_, {}, [](const JobPtr& job) { return job->pace; });
}

void LookupQueue::leave(const JobPtr& job, const std::shared_ptr<LookupWaiter>& waiter) {
    job->waiters.remove(waiter);
    if (job->waiters.empty() && !job->running) waiting_.remove(job);
}

// Quick names may have any worker. One worker of three or more is kept for them; half of all is the
// most that slow ones get. Unknown ones go newest first: a crowd of them that turns out slow then
// costs a newcomer one lookup, not all.
LookupQueue::JobPtr LookupQueue::next(Clock::time_point now) {
    const auto runs = [&](auto&& condition) {
        return std::size_t(std::ranges::count_if(running_, condition));
    };
    const auto others = runs([](const JobPtr& job) { return job->pace != Pace::quick; });
    const auto slow = runs([&](const JobPtr& job) {
        return job->pace == Pace::slow || now - job->began > slow_after;
    });
    const std::size_t kept = workers_ >= 3 ? 1 : 0;
    const bool other_may = others + kept < workers_;
    const bool slow_may = other_may && slow < std::max<std::size_t>(1, workers_ / 2);
    const auto find = [&](auto first, auto last, Pace pace) {
        const auto found =
            std::find_if(first, last, [&](const JobPtr& job) { return job->pace == pace; });
        return found == last ? JobPtr() : *found;
    };
    JobPtr job = find(waiting_.begin(), waiting_.end(), Pace::quick);
    if (!job && other_may) job = find(waiting_.rbegin(), waiting_.rend(), Pace::unknown);
    if (!job && slow_may) job = find(waiting_.begin(), waiting_.end(), Pace::slow);
    if (!job) return nullptr;
    running_.splice(running_.end(), waiting_,
                    std::ranges::find(waiting_, job)); // allocates nothing: see Resolver::work
    job->running = true;
    job->began = now;
    return job;
}

void LookupQueue::finish(const JobPtr& job, Result<Addresses> answer, Clock::time_point now) {
    running_.remove(job);
    job->running = false;
    job->answer = std::move(answer);
    const auto pace = now - job->began > slow_after ? Pace::slow : Pace::quick;
    if (paces_.size() >= max_remembered && !paces_.contains(job->host))
        paces_.clear(); // it learns again
    try {
        paces_[job->host] = pace;
    } catch (const std::bad_alloc&) { // next time it is unknown
    }
}

} // namespace agent::net
