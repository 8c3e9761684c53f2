#pragma once
// Progress objects for callers of the handlers that are not on a Varlink socket.

#include "ipc/messages/methods.hpp"

#include <functional>
#include <utility>

namespace ipc::dbus {

/// For a verb whose steps nobody asked for.
template <class Verb> class NoProgress final : public Progress<Verb> {
  public:
    bool wants() const override { return false; }
    boost::asio::awaitable<agent::Status> send(typename Verb::Response) override {
        co_return agent::Status();
    }
};

/// Hands each reply of a stream to a function, at once.
template <class Verb> class EachReply final : public Progress<Verb> {
  public:
    explicit EachReply(std::function<void(typename Verb::Response)> take)
        : take_(std::move(take)) {}
    bool wants() const override { return true; }
    boost::asio::awaitable<agent::Status> send(typename Verb::Response reply) override {
        take_(std::move(reply));
        co_return agent::Status();
    }

  private:
    std::function<void(typename Verb::Response)> take_;
};

} // namespace ipc::dbus
