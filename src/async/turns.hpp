#pragma once
// Turns: long work on the one loop, with a word to the others now and then:
//     async::Turns turns;
//     for (const auto& text : texts) { co_await turns.spent(text.size()); … }

#include "async/let_others.hpp"

#include <cstddef>

namespace agent::async {

class Turns {
  public:
    explicit Turns(std::size_t budget = 256U << 10U) : budget_(budget) {}
    /// Counts what is about to be done; when it is a turn's worth, the others come first.
    awaitable<void> spent(std::size_t cost) {
        used_ += cost;
        if (used_ < budget_) co_return;
        used_ = 0;
        co_await let_others();
    }

  private:
    std::size_t budget_;
    std::size_t used_ = 0;
};

} // namespace agent::async
