#pragma once
// Ledger: what a proxy has carried and what went wrong. connection.cpp writes it, proxy.cpp reads
// it and is told of changes.

#include "base/result.hpp"
#include "model/failure.hpp"
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
    /// The first connection since a failure that brought something back.
    virtual void connection_recovered() = 0;

  protected:
    ~LedgerReader() = default;
};

class Ledger {
    struct Line {
        ByteCounts counts;
        std::uint64_t failures_before = 0; ///< how many there had been when it was opened
    };

  public:
    explicit Ledger(LedgerReader& reader) : reader_(reader) {}

    /// One connection's page: open from its construction to its destruction.
    class Page {
      public:
        explicit Page(Ledger& ledger);
        Page(const Page&) = delete;
        Page& operator=(const Page&) = delete;
        ~Page();
        ByteCounts& counts() { return line_->counts; }

      private:
        Ledger& ledger_;
        std::list<Line>::iterator line_;
    };

    /// `client`: the process, of a connection over the Unix socket; else 0.
    void failed(const Error& error, pid_t client);
    /// A connection that was opened after the newest failure and has brought something back: what
    /// was in the way has gone. Looks at those that run; one that closes is looked at by itself.
    void notice_recovery();

    std::size_t open() const { return live_.size(); }
    std::uint64_t total() const { return total_; }
    std::uint64_t failures() const { return failures_; }
    /// Of the newest one.
    const model::ConnectionFailure& newest_failure() const { return newest_failure_; }
    const std::string& last_failure() const { return newest_failure_.message; }
    /// No connection has worked since.
    bool failing() const { return failing_ && !any_works(); }
    /// For clients that ask why theirs ended; the newest only.
    const std::deque<model::ClientFailure>& client_failures() const { return client_failures_; }
    ByteCounts bytes() const;

  private:
    bool works(const Line& line) const {
        return line.counts.down > 0 && line.failures_before == failures_;
    }
    bool any_works() const;
    void recovered();

    LedgerReader& reader_;
    std::list<Line> live_;
    ByteCounts closed_;
    std::uint64_t total_ = 0;
    std::uint64_t failures_ = 0;
    bool failing_ = false;
    model::ConnectionFailure newest_failure_;
    std::deque<model::ClientFailure> client_failures_;
};

} // namespace agent::proxy
