#pragma once
// Methods<Verbs…>: the abstract class behind an interface. For each verb there is one pure virtual
//     awaitable<Result<Verb::Response>> handle(Verb::Request, Reply<Verb>& more)
// Both faces (Varlink socket, D-Bus) hold a reference to it and decide nothing themselves.

#include "ipc/messages/fields.hpp"

#include <boost/asio/awaitable.hpp>

#include <tuple>

namespace ipc {

/// Where a streaming verb sends replies before its last one. With a caller that did not say `more`,
/// wants() is false and send() must not be called.
template <class Verb> class Progress {
  public:
    virtual ~Progress() = default;
    virtual bool wants() const = 0;
    /// Waits until the caller has taken earlier replies, within bounds. An error means that the
    /// caller has gone: stop.
    virtual boost::asio::awaitable<agent::Status> send(typename Verb::Response reply) = 0;
};

template <class Verb> class Handles {
  public:
    virtual boost::asio::awaitable<Result<typename Verb::Response>>
    handle(typename Verb::Request request, Progress<Verb>& progress) = 0;

  protected:
    ~Handles() = default;
};

template <class... Verbs> class Methods : public Handles<Verbs>... {
  public:
    using List = std::tuple<Verbs...>;
    using Handles<Verbs>::handle...;
    virtual ~Methods() = default;
};

} // namespace ipc
