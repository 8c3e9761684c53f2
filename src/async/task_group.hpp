#pragma once
// TaskGroup: the parent of coroutines. Every spawned coroutine belongs to one; asio::detached is
// banned.
//     connections_.spawn(serve(std::move(socket)), "connection");
//     …
//     co_await connections_.stop();   // cancels all (terminal), returns when the last has ended
// Single-threaded: spawn, stop and the children all run on the executor given. The group must
// outlive its children: its owner awaits stop() or drain() before destroying it.

#include "async/caught.hpp"
#include "async/token.hpp"
#include "base/log.hpp"
#include "base/memory_reserve.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include <cassert>
#include <chrono>
#include <exception>
#include <list>
#include <new>
#include <string>
#include <thread>

namespace agent::async {

class TaskGroup {
  public:
    explicit TaskGroup(boost::asio::any_io_executor executor)
        : executor_(executor), ended_(executor) {
        ended_.expires_at(boost::asio::steady_timer::time_point::max());
    }
    TaskGroup(const TaskGroup&) = delete;
    TaskGroup& operator=(const TaskGroup&) = delete;
    ~TaskGroup() { assert(children_.empty() && "a TaskGroup died before its children"); }

    /// Starts `work`; an exception that escapes it is logged with `name` and ends there.
    void spawn(awaitable<void> work, std::string name) {
        if (stopping_) return;
        refill_memory_reserve();
        const auto child = children_.emplace(children_.end());
        auto finished = [this, child, name = std::move(name)](std::exception_ptr problem) {
            if (problem) report(problem, name);
            children_.erase(child);
            if (children_.empty()) ended_.cancel();
        };
        try {
            boost::asio::co_spawn(
                executor_, std::move(work),
                boost::asio::bind_cancellation_slot(child->slot(), std::move(finished)));
        } catch (...) { // it never began, and stop() must not wait for it
            children_.erase(child);
            throw;
        }
    }

    /// One that everybody relies on: where a shortage ends it, it is made again, and it begins
    /// anew.
    template <class Make> void spawn_lasting(Make make, std::string name) {
        spawn(last(std::move(make), name), name);
    }

    std::size_t size() const { return children_.size(); }

    /// Asks all children to end; does not wait.
    void cancel() {
        for (auto child = children_.begin(); child != children_.end();) {
            auto current = child++; // emit may finish and erase the child
            current->emit(boost::asio::cancellation_type::terminal);
        }
    }

    /// Waits until all children have ended by themselves. Not after a cancel of the caller: see
    /// stop().
    awaitable<void> drain() {
        while (!children_.empty()) {
            co_await ended_.async_wait(token);
            const auto state =
                co_await boost::asio::this_coro::cancellation_state; // GCC 12: not inside the if
            if (state.cancelled() != boost::asio::cancellation_type::none) co_return;
        }
    }

    /// Cancels all children and waits for the last, also when the caller is cancelled meanwhile
    /// (one that was before throws at its co_await). Nothing can be spawned afterwards.
    awaitable<void> stop() {
        stopping_ = true;
        co_await boost::asio::this_coro::reset_cancellation_state(
            boost::asio::disable_cancellation());
        while (!children_.empty()) {
            cancel();
            if (children_.empty()) break;
            co_await ended_.async_wait(token);
        }
    }

  private:
    template <class Make> static awaitable<void> last(Make make, std::string name) {
        boost::asio::steady_timer pause(
            co_await boost::asio::this_coro::executor); // made while there is memory
        for (;;) {
            try {
                co_await make();
                co_return;
            } catch (const std::exception& problem) {
                if (!is_shortage(problem)) throw;
                report(std::current_exception(), name);
            }
            refill_memory_reserve();
            pause.expires_after(std::chrono::seconds(1));
            try {
                co_await pause.async_wait(token);
            } catch (const std::bad_alloc&) { // not even for that: others may free some meanwhile
                std::this_thread::sleep_for(std::chrono::milliseconds(10));
            }
        }
    }

    /// Throws nothing: a loop that lasts would end by it.
    static void report(std::exception_ptr problem, const std::string& name) noexcept {
        try {
            tell(problem, name);
        } catch (...) {
            log::error("task={} failed, and there was no memory to say how", name);
        }
    }
    static void tell(std::exception_ptr problem, const std::string& name) {
        try {
            std::rethrow_exception(problem);
        } catch (const boost::system::system_error& e) {
            if (e.code() != boost::asio::error::operation_aborted)
                log::error("task={} failed: {}", name, caught().message);
        } catch (...) {
            log::error("task={} failed: {}", name, caught().message);
        }
    }

    boost::asio::any_io_executor executor_;
    boost::asio::steady_timer ended_; // never expires; cancelled when the last child ends
    std::list<boost::asio::cancellation_signal> children_;
    bool stopping_ = false;
};

} // namespace agent::async
