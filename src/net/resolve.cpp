#include "net/resolve.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <malloc.h>
#include <pthread.h>

#include <condition_variable>
#include <csignal>
#include <mutex>
#include <new>

namespace agent::net {
namespace {

using Clock = LookupQueue::Clock;
using JobPtr = LookupQueue::JobPtr;

constexpr std::size_t stack_bytes = 256U
                                    << 10U; // glibc's and systemd's nss modules need less than half

// On a worker, under the lock. Without memory for it the waiter finds the answer at his deadline.
void tell(const JobPtr& job) {
    for (const auto& waiter : job->waiters) try {
            boost::asio::post(waiter->timer.get_executor(), [waiter] {
                waiter->told = true;
                waiter->timer.cancel();
            });
        } catch (const std::bad_alloc&) {
            continue;
        }
}

} // namespace

struct Resolver::Shared {
    std::mutex mutex;
    std::condition_variable changed;
    LookupQueue queue;
    Lookup lookup;
    std::size_t workers = 0;
    bool ending = false;
};

/// A place in the queue. While one is held its loop lives, so a worker that has the lock may post
/// to it.
class Resolver::Ticket {
  public:
    Ticket(std::shared_ptr<Shared> shared, const std::string& host,
           std::shared_ptr<LookupWaiter> waiter)
        : shared_(std::move(shared)), waiter_(std::move(waiter)) {
        const std::lock_guard lock(shared_->mutex);
        JobPtr dropped;
        job_ = shared_->queue.join(host, waiter_, dropped);
        if (dropped) tell(dropped);
        shared_->changed.notify_all();
    }
    Ticket(const Ticket&) = delete;
    Ticket& operator=(const Ticket&) = delete;
    ~Ticket() {
        const std::lock_guard lock(shared_->mutex);
        shared_->queue.leave(job_, waiter_);
    }
    std::optional<Result<Addresses>> answer() const {
        const std::lock_guard lock(shared_->mutex);
        return job_->answer;
    }

  private:
    std::shared_ptr<Shared> shared_;
    std::shared_ptr<LookupWaiter> waiter_;
    JobPtr job_;
};

Resolver::Resolver(std::size_t workers, Lookup lookup)
    : wanted_(workers), shared_(std::make_shared<Shared>()) {
    shared_->lookup = std::move(lookup);
    make_workers(workers);
}

Resolver::~Resolver() {
    const std::lock_guard lock(shared_->mutex);
    shared_->ending = true;
    shared_->changed.notify_all();
}

std::size_t Resolver::workers() const {
    const std::lock_guard lock(shared_->mutex);
    return shared_->workers;
}

// As many as this machine gives. Signals are the main thread's.
void Resolver::make_workers(std::size_t count) {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_attr_t how;
    ::pthread_attr_init(&how);
    ::pthread_attr_setstacksize(&how, stack_bytes);
    ::pthread_attr_setdetachstate(&how, PTHREAD_CREATE_DETACHED);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    std::size_t made = 0;
    for (; made < count; ++made) {
        auto shared = std::make_unique<std::shared_ptr<Shared>>(shared_);
        pthread_t thread{};
        if (::pthread_create(&thread, &how, &Resolver::work, shared.get()) != 0) break;
        (void)shared.release();
        ::pthread_setname_np(thread, "resolver");
    }
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    ::pthread_attr_destroy(&how);
    const std::lock_guard lock(shared_->mutex);
    shared_->workers += made;
    shared_->queue.set_workers(shared_->workers);
}

void* Resolver::work(void* given) {
    const std::unique_ptr<std::shared_ptr<Shared>> mine(
        static_cast<std::shared_ptr<Shared>*>(given));
    Shared& shared = **mine;
    std::unique_lock lock(shared.mutex);
    for (;;) {
        const JobPtr job = shared.ending ? nullptr : shared.queue.next(Clock::now());
        if (!job) {
            if (shared.ending) return nullptr;
            shared.changed.wait(lock);
            continue;
        }
        lock.unlock();
        Result<Addresses> answer = Addresses();
        try {
            answer = shared.lookup(job->host);
        } catch (const std::exception&) {
            answer = fail(Errc::limit_exceeded, Hop::local,
                          "out of memory"); // so short that it needs none
        }
        lock.lock();
        shared.queue.finish(job, std::move(answer), Clock::now());
        tell(job);
        shared.changed.notify_all(); // a worker may do now what it might not before
    }
}

awaitable<Result<Addresses>> Resolver::resolve(std::string host, Clock::time_point deadline) {
    if (const auto literal = literal_address(host)) {
        Addresses one;
        one.push_back(*literal);
        co_return one;
    }
    if (workers() == 0) make_workers(wanted_); // there was no room for them when the process began
    if (workers() == 0)
        co_return fail(Errc::limit_exceeded, Hop::local, "no thread to look it up with",
                       "this user may have no more processes (ulimit -u): end some");
    const auto executor = co_await boost::asio::this_coro::executor;
    const auto waiter = std::make_shared<LookupWaiter>(executor, deadline);
    const Ticket ticket(shared_, host, waiter);
    bool cancelled = false;
    while (!waiter->told && !cancelled && Clock::now() < deadline) {
        co_await waiter->timer.async_wait(async::token);
        const auto state = co_await boost::asio::this_coro::cancellation_state;
        cancelled = state.cancelled() != boost::asio::cancellation_type::none;
    }
    if (auto answer = ticket.answer()) co_return std::move(*answer);
    if (cancelled) co_return fail(Errc::canceled, Hop::local, "canceled");
    co_return fail(
        Errc::timed_out, Hop::local, "no answer in time",
        "this machine's DNS is slow or does not answer: resolvectl status, /etc/resolv.conf");
}

namespace {
Resolver* of_this_process = nullptr; // never deleted: its workers may outlive main
}

void start_resolver(std::size_t workers) {
    ::mallopt(M_ARENA_MAX, 1); // not a heap for each worker: they hardly use any
    if (of_this_process == nullptr) of_this_process = new Resolver(workers);
}

Resolver& resolver() {
    if (of_this_process == nullptr) start_resolver(2);
    return *of_this_process;
}

} // namespace agent::net
