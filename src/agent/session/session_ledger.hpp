#pragma once
// SessionLedger: no session is left behind. What is asked for, held, or still to be canceled is
// written down in state.db before it goes on; what nobody holds is canceled at its controller, at
// the start and later on (recover.cpp).

#include "agent/session/authorized.hpp"
#include "agent/session/claim.hpp"
#include "agent/session/session_calls.hpp"
#include "agent/session/session_vault.hpp"
#include "state/state_store.hpp"

#include <set>
#include <vector>

namespace agent::core {

class SessionLedger {
  public:
    /// Whether a proxy carries that session.
    using Carried = std::function<bool(const std::string& session_id)>;
    SessionLedger(boost::asio::any_io_executor executor, Controllers& controllers,
                  SessionCalls& calls, keyring::Logins& logins, state::StateStore& store,
                  Carried carried,
                  std::string vault = keyring::KernelKeyring::prefix_for("session"));

    /// Asks for a session for a proxy. Until arrived() or abandon() it is on its way.
    awaitable<Result<Authorized>> authorize(ClusterChoice choice, TargetOptions target,
                                            std::string proxy);
    /// Asks for one for a caller, whose it is.
    awaitable<Result<ItemReply>> hand_out(ClusterChoice choice, TargetOptions target);
    /// A caller's own, for a proxy: not ours to cancel.
    void lend(const ClusterChoice& choice, const Authorized& session, std::string proxy);

    /// A proxy carries it now.
    void arrived(const std::string& id) { in_transit_.erase(id); }
    /// It came to no proxy: cancels it, and returns `why` with what was left behind.
    awaitable<Error> abandon(ClusterChoice choice, std::string id, Error why);
    /// Is given up: nothing is left to cancel.
    awaitable<Status> cancel(ClusterChoice choice, std::string id);
    /// To be canceled as soon as that can be done, and not to be taken up again.
    void give_up(const std::string& id) {
        (void)store_.set_session_state(id, model::SessionHold::canceling);
    }
    /// It is over.
    void forget(const std::string& cluster, const std::string& id);
    std::optional<SessionSecrets> secrets(const std::string& cluster, const std::string& id);

    /// While it lives the session is somebody's.
    [[nodiscard]] Claim claim(std::string id) { return {in_transit_, std::move(id)}; }

    /// Until it is cancelled: cancels what nobody holds.
    awaitable<void> run();
    /// There is a login again, or a network.
    void look_again() { look_again_.notify_all(); }
    /// What was asked for this proxy and never answered, before it is asked again.
    awaitable<void> settle_lost(ClusterChoice choice, std::string proxy);

  private:
    awaitable<Result<ItemReply>> ask(ClusterChoice choice, TargetOptions target, bool& sent);
    bool claimed(const std::string& session_id) const;
    std::vector<state::SessionRecord> rows();
    awaitable<bool> recover(state::SessionRecord row);
    awaitable<void> settle_unanswered(std::vector<state::SessionRecord> asked);
    awaitable<bool> cancel_unanswered(std::vector<state::SessionRecord> asked);

    Controllers& controllers_;
    SessionCalls& calls_;
    keyring::Logins& logins_;
    state::StateStore& store_;
    Carried carried_;
    SessionVault vault_;
    std::set<std::string> in_transit_; ///< authorized, and on their way to a proxy
    std::set<std::string> asking_;     ///< "asked:…" rows of calls that are still running
    std::set<std::string> handed_out_; ///< whose tokens we gave to a caller
    int authorizing_ = 0;              ///< authorize-session calls that are running
    async::Event look_again_;
};

} // namespace agent::core
