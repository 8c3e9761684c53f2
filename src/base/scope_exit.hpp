#pragma once
// ScopeExit: what is to happen when a scope is left, by whatever way.

#include <utility>

namespace agent {

/// Calls `effect` when it goes. A named variable: const ScopeExit counted([&] { --count; });
template <class Effect> class [[nodiscard]] ScopeExit {
  public:
    explicit ScopeExit(Effect effect) : effect_(std::move(effect)) {}
    ScopeExit(const ScopeExit&) = delete;
    ScopeExit& operator=(const ScopeExit&) = delete;
    ~ScopeExit() { effect_(); }

  private:
    Effect effect_;
};

} // namespace agent
