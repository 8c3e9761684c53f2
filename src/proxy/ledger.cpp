#include "proxy/ledger.hpp"

namespace agent::proxy {

Ledger::Page::Page(Ledger& ledger) : ledger_(ledger) {
    counts_ = ledger_.live_.emplace(ledger_.live_.end());
    ++ledger_.total_;
    ledger_.reader_.connection_opened();
}

Ledger::Page::~Page() {
    const auto counts = *counts_;
    ledger_.closed_.up += counts.up;
    ledger_.closed_.down += counts.down;
    ledger_.live_.erase(counts_);
    ledger_.reader_.connection_closed(counts);
}

void Ledger::failed(const Error& error, pid_t client) {
    constexpr std::size_t kept = 16;
    ++failures_;
    last_failure_ = error.message;
    if (client != 0) client_failures_.push_back({client, failures_, error.message});
    if (client_failures_.size() > kept) client_failures_.pop_front();
    reader_.connection_failed(error);
}

ByteCounts Ledger::bytes() const {
    ByteCounts sum = closed_;
    for (const auto& counts : live_) {
        sum.up += counts.up;
        sum.down += counts.down;
    }
    return sum;
}

} // namespace agent::proxy
