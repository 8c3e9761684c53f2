#include "proxy/ledger.hpp"

#include "base/time.hpp"

#include <algorithm>

namespace agent::proxy {

Ledger::Page::Page(Ledger& ledger) : ledger_(ledger) {
    line_ = ledger_.live_.emplace(ledger_.live_.end());
    line_->failures_before = ledger_.failures_;
    ++ledger_.total_;
    ledger_.reader_.connection_opened();
}

Ledger::Page::~Page() {
    const Line line = *line_;
    ledger_.closed_.up += line.counts.up;
    ledger_.closed_.down += line.counts.down;
    ledger_.live_.erase(line_);
    ledger_.reader_.connection_closed(line.counts);
    if (ledger_.failing_ && ledger_.works(line)) ledger_.recovered();
}

void Ledger::failed(const Error& error, pid_t client) {
    constexpr std::size_t kept = 16;
    ++failures_;
    failing_ = true;
    newest_failure_.message = error.message;
    newest_failure_.code = error.code;
    newest_failure_.hop = error.hop;
    newest_failure_.time = format_rfc3339(wall_now());
    if (client != 0) {
        model::ClientFailure& one = client_failures_.emplace_back();
        static_cast<model::ConnectionFailure&>(one) = newest_failure_;
        one.pid = client;
        one.number = static_cast<std::int64_t>(failures_);
    }
    if (client_failures_.size() > kept) client_failures_.pop_front();
    reader_.connection_failed(error);
}

void Ledger::notice_recovery() {
    if (failing_ && any_works()) recovered();
}

bool Ledger::any_works() const {
    return std::ranges::any_of(live_, [this](const Line& line) { return works(line); });
}

void Ledger::recovered() {
    failing_ = false;
    reader_.connection_recovered();
}

ByteCounts Ledger::bytes() const {
    ByteCounts sum = closed_;
    for (const auto& line : live_) {
        sum.up += line.counts.up;
        sum.down += line.counts.down;
    }
    return sum;
}

} // namespace agent::proxy
