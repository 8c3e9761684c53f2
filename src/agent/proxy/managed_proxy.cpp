#include "agent/proxy/managed_proxy.hpp"

#include "agent/parts.hpp"
#include "agent/proxy/route.hpp"
#include "base/log.hpp"

#include <cassert>

namespace agent::core {
namespace {

awaitable<void> while_held(std::shared_ptr<ManagedProxy> proxy, awaitable<void> work) {
    co_await std::move(work);
    proxy.reset();
}

} // namespace

ManagedProxy::ManagedProxy(const Parts& parts)
    : changed(parts.executor), hurry(parts.executor), parts_(&parts) {}

std::shared_ptr<ManagedProxy> ManagedProxy::make(const Parts& parts, const ClusterChoice& choice,
                                                 const ConnectOptions& options) {
    auto proxy = std::make_shared<ManagedProxy>(parts);
    proxy->settings = choice.settings;
    proxy->token_name =
        choice.use_stored_login && !choice.token ? choice.token_name : std::string("none");
    proxy->route = route_of(choice, options);
    proxy->target = options.target;
    ProxySpec& spec = proxy->spec;
    spec.proxy_settings() = options.proxy_settings();
    if (spec.listen_address.empty()) spec.listen_address = model::ProxySettings().listen_address;
    spec.authorized_here = options.authorization_token.empty();
    if (spec.authorized_here) spec.cluster = choice.settings.address;
    spec.cluster_settings = controller::settings_to_json(choice.settings);
    spec.token_name = proxy->token_name;
    spec.target =
        options.target.target_name.empty() ? options.target.target : options.target.target_name;
    spec.persistent = options.persistent;
    return proxy;
}

void ManagedProxy::spawn(awaitable<void> work, std::string name) {
    parts_->tasks.spawn(while_held(shared_from_this(), std::move(work)), std::move(name));
}

void ManagedProxy::on(CourseEvent event) {
    switch (take(course_, event)) {
    case CourseOutcome::moved:
        changed.notify_all();
        return;
    case CourseOutcome::ignored:
        return;
    case CourseOutcome::unexpected: // a release goes on as if nothing had been said
        log::error("proxy={} unexpected event={}", spec.name, name_of(event));
        assert(!"an event that cannot happen in this state");
        return;
    }
}

} // namespace agent::core
