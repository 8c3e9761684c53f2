#pragma once
// Openings: the routes to which a proxy is being started that others will want to share.

#include "async/event.hpp"

#include <set>
#include <string>
#include <utility>

namespace agent::core {

class Openings {
  public:
    explicit Openings(boost::asio::any_io_executor executor) : opened_(executor) {}
    bool contains(const std::string& route) const { return routes_.contains(route); }
    /// Until there is one less.
    awaitable<void> wait() { return opened_.wait(); }

    /// While it lives, that route is being opened.
    class One {
      public:
        One(Openings& openings, std::string route) : openings_(openings), route_(std::move(route)) {
            openings_.routes_.insert(route_);
        }
        One(const One&) = delete;
        One& operator=(const One&) = delete;
        ~One() {
            openings_.routes_.erase(route_);
            openings_.opened_.notify_all();
        }

      private:
        Openings& openings_;
        std::string route_;
    };

  private:
    std::set<std::string> routes_;
    async::Event opened_;
};

} // namespace agent::core
