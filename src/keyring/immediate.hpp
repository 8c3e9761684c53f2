#pragma once
// Immediate<Backend>: a Keyring over one that answers at once (kernel, file, memory). agentd's
// keeper of session keys uses those classes directly, without waiting.

#include "keyring/keyring.hpp"

#include <utility>

namespace agent::keyring {

template <class Backend> class Immediate final : public Keyring {
  public:
    explicit Immediate(Backend backend) : backend_(std::move(backend)) {}
    std::string_view name() const override { return Backend::kind; }
    awaitable<Status> store(Key key, Secret value, std::optional<WallTime> expires) override {
        co_return backend_.store(key, value, expires);
    }
    awaitable<Result<std::optional<Secret>>> load(Key key) override {
        co_return backend_.load(key);
    }
    awaitable<Result<bool>> remove(Key key) override { co_return backend_.remove(key); }
    awaitable<Result<std::vector<Key>>> list() override {
        Result<std::vector<Key>> keys = backend_.list();
        co_return keys;
    }

  private:
    Backend backend_;
};

} // namespace agent::keyring
