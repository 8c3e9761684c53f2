// Apply: the proxies that config.toml declares: what is new is started, what is gone ended, what
// has changed replaced; nothing else is touched.

#include "agent/parts.hpp"
#include "agent/proxy/remembered.hpp"
#include "agent/this_boot.hpp"
#include "agent/verbs/verbs.hpp"
#include "base/time.hpp"

#include <algorithm>

namespace agent::core::verbs {

awaitable<Result<AppliedDeclarations>> apply(const Parts& parts,
                                             std::vector<ProxyDeclaration> declarations) {
    const auto before = parts.store.proxies();
    if (!before) co_return before.error();
    AppliedDeclarations done;
    std::vector<state::ProxyRecord> to_start;
    std::vector<std::string> to_end;
    for (const auto& declaration : declarations) {
        auto record = record_of(declaration);
        const auto old = std::ranges::find(*before, record.name, &state::ProxyRecord::name);
        if (old == before->end()) {
            done.added.push_back(record.name);
            record.created = format_rfc3339(wall_now());
        } else {
            if (says_the_same(record, *old)) continue;
            done.changed.push_back(record.name);
            const bool same_place = record.listen_address == old->listen_address;
            if (record.listen_port == 0 && same_place) record.port = old->port;
            record.stopped = old->stopped;
            record.created = old->created;
            to_end.push_back(record.name);
        }
        const auto written = parts.store.put_proxy(record);
        if (!written) co_return written.error();
        to_start.push_back(std::move(record));
    }
    for (const auto& old : *before) {
        const bool declared = std::ranges::find(declarations, old.name, &ProxyDeclaration::name) !=
                              declarations.end();
        if (old.source != model::ProxySource::config || declared) continue;
        done.removed.push_back(old.name);
        to_end.push_back(old.name);
        const auto forgotten = parts.store.forget_proxy(old.name);
        if (!forgotten) co_return forgotten.error();
    }
    std::optional<Error> runs_on;
    for (const auto& name : to_end) {
        const auto proxy = parts.proxies.find(name);
        if (!proxy) continue;
        const Reason why(ReasonCode::configuration_changed);
        const auto end = co_await proxy->stop(why, proxy->status.authorized_here);
        if (end && end->session_canceled) proxy->session_done();
        if (!end) runs_on = end.error();
        // Else follow() cancels it at the controller: it may lead elsewhere, so it is not for the
        // next one of this name.
        if (!proxy->held_session.empty()) parts.ledger.give_up(proxy->held_session);
    }
    for (auto& record : to_start) {
        if (is_stopped(record)) continue;
        const std::string name = record.name;
        const auto started = co_await start_remembered(parts, std::move(record), nullptr);
        if (!started)
            parts.events.publish(EventKind::proxy_ended,
                                 name + " cannot be started: " + started.error().message);
    }
    if (runs_on) co_return *runs_on;
    for (auto* names : {&done.added, &done.changed, &done.removed}) std::ranges::sort(*names);
    co_return done;
}

} // namespace agent::core::verbs
