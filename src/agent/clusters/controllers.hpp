#pragma once
// Controllers: what is asked of a cluster's controller, and as whom. It keeps one HTTP client for
// each cluster's settings, and finds the login that a request travels with: the caller's token, the
// one that is held, or one that Boundary's own command has stored (borrow_login.cpp). Every verb
// goes through it.

#include "agent/clusters/clusters.hpp"
#include "agent/options.hpp"
#include "controller/client.hpp"
#include "keyring/logins.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace agent::core {

class Controllers {
  public:
    /// A stored login was refused: it may be dead.
    using Refused = std::function<void(const ClusterChoice& choice)>;
    Controllers(boost::asio::any_io_executor executor, keyring::Logins& logins,
                const Clusters& clusters, Refused refused = {})
        : executor_(executor), logins_(logins), clusters_(clusters), refused_(std::move(refused)) {}

    /// Sends with the login, and turns a refusal into Errc::controller_error, or Errc::login_needed
    /// when a login is what is missing.
    awaitable<Result<controller::Reply>> ask(ClusterChoice choice, controller::Request request);

    /// The caller's token, or the stored login's, or none.
    awaitable<Result<Secret>> token_of(ClusterChoice choice);
    /// "self" among auth tokens is the caller's own: the public part of the token in use. Every
    /// other id is itself.
    awaitable<Result<std::string>> resolve_self(ClusterChoice choice, std::string resource,
                                                std::string id);
    /// A 403 does not say whether the login is dead; whether it can read itself does.
    awaitable<bool> login_works(ClusterChoice choice);
    /// For requests that need more than ask(); hold a copy while awaiting.
    std::shared_ptr<controller::Client> client_of(const controller::ClusterSettings& settings);

    // refusal.cpp
    /// "agentctl login NAME": how one logs in there.
    std::string login_step(const std::string& address) const;
    Error no_login(const std::string& address) const;
    Error refusal(const ClusterChoice& choice, bool anonymous, Error error);
    void login_refused(const ClusterChoice& choice) const;

    /// The way to them has changed.
    void forget_connections();
    /// No call waits for a controller any longer: it fails at once, and so does what comes.
    void leave();
    bool leaving() const { return leaving_; }

  private:
    awaitable<Result<Secret>> borrow_login(ClusterChoice choice);

    boost::asio::any_io_executor executor_;
    keyring::Logins& logins_;
    const Clusters& clusters_;
    Refused refused_;
    std::map<controller::ClusterSettings, std::shared_ptr<controller::Client>> clients_;
    std::map<keyring::Key, std::chrono::steady_clock::time_point>
        not_borrowed_; ///< and when to look again
    bool leaving_ = false;
};

/// With the cluster's name, for people who have several.
Error in_cluster(const ClusterChoice& choice, Error error);
Result<ItemReply> item_of(const controller::Reply& reply);

} // namespace agent::core
