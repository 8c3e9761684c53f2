// What a controller's refusal means to somebody here: mostly that a login is missing or dead, and
// how one logs in.

#include "agent/clusters/controllers.hpp"

namespace agent::core {

std::string Controllers::login_step(const std::string& address) const {
    const auto cluster = clusters_.at(address);
    return cluster ? "agentctl login " + cluster->name : "agentctl login -addr " + address;
}

Error Controllers::no_login(const std::string& address) const {
    return fail(Errc::login_needed, Hop::login, "there is no login for " + address,
                "log in: " + login_step(address));
}

Error Controllers::refusal(const ClusterChoice& choice, bool anonymous, Error error) {
    const bool stored = choice.use_stored_login && !choice.token;
    const bool missing = anonymous && (error.status == 401 || error.status == 403);
    const bool dead = !anonymous && stored && error.status == 401;
    if (dead) login_refused(choice);
    if (!missing && !dead) return error;
    error.code = Errc::login_needed;
    error.hop = Hop::login;
    error.hint = missing ? "there is no login for " + choice.settings.address + ": "
                         : std::string("log in again: ");
    error.hint += login_step(choice.settings.address);
    return error;
}

void Controllers::login_refused(const ClusterChoice& choice) const {
    if (refused_ && choice.use_stored_login && !choice.token) refused_(choice);
}

} // namespace agent::core
