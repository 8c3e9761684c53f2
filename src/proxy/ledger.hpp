#pragma once
// Ledger: what a proxy has carried and what went wrong. connection.cpp writes it, proxy.cpp reads
// it and is told of changes.

#include "base/result.hpp"
#include "proxy/relay.hpp"

#include <sys/types.h>

#include <cstdint>
#include <deque>
#include <list>
#include <string>

namespace agent::proxy {

class LedgerReader {
  public:
    virtual void connection_opened() = 0;
    virtual void connection_closed(const ByteCounts& counts) = 0;
    virtual void connection_failed(const Error& error) = 0;

  protected:
    ~LedgerReader() = default;
};

class Ledger {
  public:
    explicit Ledger(LedgerReader& reader) : reader_(reader) {}

    /// One connection's page: open from its construction to its destruction.
    class Page {
      public:
        explicit Page(Ledger& ledger);
        Page(const Page&) = delete;
        Page& operator=(const Page&) = delete;
        ~Page();
        ByteCounts& counts() { return *counts_; }

      private:
        Ledger& ledger_;
        std::list<ByteCounts>::iterator counts_;
    };

    /// `client`: the process, of a connection over the Unix socket; else 0.
    void failed(const Error& error, pid_t client);

    std::size_t open() const { return live_.size(); }
    std::uint64_t total() const { return total_; }
    std::uint64_t failures() const { return failures_; }
    const std::string& last_failure() const { return last_failure_; }
    /// For clients that ask why theirs ended; the newest only.
    struct ClientFailure {
        pid_t pid = 0;
        std::uint64_t number = 0; ///< of all failures
        std::string message;
    };
    const std::deque<ClientFailure>& client_failures() const { return client_failures_; }
    ByteCounts bytes() const;

  private:
    LedgerReader& reader_;
    std::list<ByteCounts> live_;
    ByteCounts closed_;
    std::uint64_t total_ = 0;
    std::uint64_t failures_ = 0;
    std::string last_failure_;
    std::deque<ClientFailure> client_failures_;
};

} // namespace agent::proxy
