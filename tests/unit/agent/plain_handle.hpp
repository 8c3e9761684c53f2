#pragma once
// PlainHandle: an agent-proxy of which a test plays only what it is about; every other call fails.

#include "agent/proxies.hpp"

namespace agent::test {

class PlainHandle : public core::ProxyHandle {
  public:
    awaitable<Result<core::ProxyStatus>> serve(core::ProxySpec) override { co_return unplayed(); }
    awaitable<Result<core::ProxyChange>> next_change() override { co_return unplayed(); }
    awaitable<Result<core::ProxyStatus>> renew(Secret, Secret) override { co_return unplayed(); }
    awaitable<Result<core::ProxyStatus>> hold(core::Wait, core::Reason, bool) override {
        co_return unplayed();
    }
    awaitable<Result<core::ProxyStopped>> stop(core::Reason, bool) override {
        co_return unplayed();
    }
    awaitable<Result<core::ProxyStopped>> hand_over(core::Reason) override { co_return unplayed(); }
    awaitable<Result<net::ListeningSockets>> share_listeners() override { co_return unplayed(); }
    awaitable<Status> check(std::string) override { co_return unplayed(); }
    awaitable<Status> ping(std::chrono::milliseconds) override { co_return unplayed(); }
    awaitable<Result<bool>> kill(std::chrono::milliseconds) override { co_return unplayed(); }

  private:
    static Error unplayed() { return fail(Errc::internal, Hop::local, "no test plays this"); }
};

/// One that is followed by nobody.
inline std::shared_ptr<core::ManagedProxy> proxy_with(boost::asio::any_io_executor executor,
                                                      std::shared_ptr<core::ProxyHandle> handle,
                                                      std::string name = "pg") {
    auto proxy = std::make_shared<core::ManagedProxy>(executor);
    proxy->spec.name = name;
    proxy->status.name = std::move(name);
    proxy->handle = std::move(handle);
    proxy->protocol_version = core::current_protocol;
    proxy->on(core::CourseEvent::process_serves);
    return proxy;
}

} // namespace agent::test
