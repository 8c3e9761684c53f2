#pragma once
// Openings: the ways to which a proxy is being started that others will want to share.

#include "async/event.hpp"

#include <set>
#include <string>
#include <utility>

namespace agent::core {

class Openings {
  public:
    explicit Openings(boost::asio::any_io_executor executor) : opened_(executor) {}
    bool contains(const std::string& way) const { return ways_.contains(way); }
    /// Until there is one less.
    awaitable<void> wait() { return opened_.wait(); }

    /// While it lives, that way is being opened.
    class One {
      public:
        One(Openings& openings, std::string way) : openings_(openings), way_(std::move(way)) {
            openings_.ways_.insert(way_);
        }
        One(const One&) = delete;
        One& operator=(const One&) = delete;
        ~One() {
            openings_.ways_.erase(way_);
            openings_.opened_.notify_all();
        }

      private:
        Openings& openings_;
        std::string way_;
    };

  private:
    std::set<std::string> ways_;
    async::Event opened_;
};

} // namespace agent::core
