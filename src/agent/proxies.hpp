#pragma once
// The running proxies by name. Each is followed by one coroutine of the agent until it ends.

#include "agent/pace.hpp"
#include "agent/proxy_launcher.hpp"
#include "agent/words.hpp"
#include "async/event.hpp"
#include "controller/cluster_settings.hpp"
#include "state/records.hpp"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace agent::core {

struct RunningProxy {
    explicit RunningProxy(boost::asio::any_io_executor executor)
        : changed(executor), hurry(executor) {}
    ProxyStatus status;
    std::shared_ptr<ProxyHandle>
        handle; ///< replaced when its process is: hold a copy while awaiting
    std::optional<controller::ClusterSettings> settings; ///< where its session can be asked for
    std::string token_name;
    std::string
        way; ///< of reuse.hpp: what was asked for when it was started; empty after an adoption
    std::uint64_t revision = 0; ///< grows with each change of status
    bool ended = false;
    bool session_over = false; ///< canceled or known to be over: nothing is left to cancel
    bool settling = false;     ///< its session is being canceled by us
    bool checking = false;     ///< its session is being read at the controller
    bool check_again = false;  ///< … and something happened that the answer may not know of
    async::Event changed;

    // To start its process again (life.cpp).
    ProxySpec spec; ///< without secrets
    std::deque<std::chrono::steady_clock::time_point> deaths;
    std::int64_t protocol_version = 0;
    bool replacing = false; ///< its process, of an older version, was told to end for a new one

    // Whether it answers (ping.cpp), and whether it is to end (disconnect.cpp).
    std::chrono::steady_clock::time_point heard; ///< when it last said something by itself
    bool pinging = false;
    int unanswered = 0; ///< pings in a row
    bool hung = false;  ///< it did not answer, and its process is killed for another one
    int enders = 0;     ///< who waits for its end
    std::optional<Reason> end_reason; ///< it was told to end: its process is not started again

    // Its session, and the way to the next one (provide_session.cpp). Transient proxies have theirs
    // from the start.
    std::string
        held_session; ///< not known to be over: to be canceled when nobody holds it; empty: none
    TargetWords target;
    Pace pace;
    bool providing = false;    ///< somebody is at it
    bool asked_for = false;    ///< a person wants a session now, whether or not a client waits
    bool needs_person = false; ///< no session until reconnect
    bool asked_login = false;  ///< whoever waits for it has been told that a login is needed
    std::string told_end;      ///< the session whose end was told last
    int put_back =
        0; ///< how often the same session was given again since one of its connections worked
    async::Event hurry;            ///< something that it waits for may have changed
    std::optional<Error> obstacle; ///< why it has no session; for `why`

    state::Counters counted; ///< what of `status` has been added to the remembered counters

    bool persistent() const { return spec.persistent; }
    /// Somebody waits for one.
    bool wants_session() const { return status.clients_waiting > 0 || status.eager || asked_for; }
};

/// Where clients connect: "127.0.0.1:5432", or the Unix socket's path.
std::string place_of(const ProxyStatus& proxy);

class Proxies {
  public:
    /// nullptr: no such name.
    std::shared_ptr<RunningProxy> find(const std::string& name) const;
    std::shared_ptr<RunningProxy> find_session(const std::string& session_id) const;
    const std::map<std::string, std::shared_ptr<RunningProxy>>& all() const { return running_; }

    void add(std::shared_ptr<RunningProxy> proxy);
    void remove(const RunningProxy& proxy);

    /// A name that is being used by a connect that has not finished.
    class Reservation {
      public:
        Reservation(Proxies& proxies, std::string name)
            : proxies_(proxies), name_(std::move(name)) {
            proxies_.reserved_.insert(name_);
        }
        ~Reservation() { proxies_.reserved_.erase(name_); }
        Reservation(const Reservation&) = delete;
        Reservation& operator=(const Reservation&) = delete;
        const std::string& name() const { return name_; }

      private:
        Proxies& proxies_;
        std::string name_;
    };
    bool taken(const std::string& name) const {
        return running_.contains(name) || reserved_.contains(name);
    }
    /// `wish` made fit for a name; with -2, -3 … when it is taken, here or by what `remembered`
    /// knows.
    std::string free_name(const std::string& wish,
                          const std::function<bool(const std::string&)>& remembered) const;

  private:
    std::map<std::string, std::shared_ptr<RunningProxy>> running_;
    std::set<std::string> reserved_;
};

} // namespace agent::core
