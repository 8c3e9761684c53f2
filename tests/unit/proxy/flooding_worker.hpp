#pragma once
// FloodingWorker: a worker that means ill. It speaks Boundary's protocol as far as its plan says,
// and from there sends without pause what costs it nothing: over real TLS, a thread for each
// connection, as fast as it can.

#include "boundary/session_authorization.hpp"
#include "net/openssl.hpp"
#include "support/loopback_server.hpp"
#include "support/session_identity.hpp"

#include <atomic>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace agent::test {

enum class Flood : std::uint8_t {
    empty_frames,
    fragments, ///< of one byte
    pongs,
    pings,
    key_updates,
    answered_key_updates,
    tickets,
    one_byte_frames,
    one_byte_records,
    full_frames,
};
inline constexpr int flood_kinds = 10;
const char* name_of(Flood flood);

/// From where on a connection is flooded.
enum class FloodStage : std::uint8_t {
    in_tls,         ///< after the ClientHello, in plain
    before_upgrade, ///< instead of the 101
    before_result,  ///< behind the 101: the session's handshake, or a connection that was opened
                    ///< ahead of need
    carrying,
    closing, ///< once the client has gone
    never,   ///< it says hello and waits
};
const char* name_of(FloodStage stage);

struct FloodPlan {
    FloodStage stage = FloodStage::never;
    std::vector<Flood> floods; ///< in turn
};

class FloodingWorker {
  public:
    FloodingWorker();

    /// A token for one session of it.
    std::string token(std::chrono::seconds lifetime = std::chrono::hours(1)) const;
    /// For connections that come from now on, or for the one of that number only, of which the
    /// first is 1.
    void plan(FloodPlan plan, int only = 0);
    std::uint64_t bytes_sent() const { return sent_; }
    std::string address() const { return server_.address(); }
    /// Connections that have come and have their plan.
    int begun() const { return begun_; }
    /// Every connection there is.
    void cut();
    void stop() { server_.stop(); }

  private:
    struct Talk;
    void serve(int fd);
    void talk(int fd, const FloodPlan& plan);
    void flood(Talk& talk, const FloodPlan& plan);

    SessionIdentity identity_;
    Owned<SSL_CTX, SSL_CTX_free> context_;
    std::mutex mutex_;
    FloodPlan plan_;
    int only_ = 0;
    std::set<int> open_;
    std::atomic<std::uint64_t> sent_ = 0;
    std::atomic<int> begun_ = 0;
    LoopbackServer server_; // its threads use all of the above
};

} // namespace agent::test
