#include "proxy/session.hpp"

#include "boundary/protocol.hpp"
#include "proxy/session_tls.hpp"

#include <algorithm>

namespace agent::proxy {
namespace {

Secret token_or_new(Secret given) {
    if (given.empty()) return boundary::new_tofu_token();
    return given;
}

WorkerAccess access_of(const boundary::SessionAuthorization& authorization, SSL_CTX* context,
                       LinkLimits limits) {
    return WorkerAccess{authorization, context, limits};
}

} // namespace

Result<std::shared_ptr<Session>> Session::create(boost::asio::any_io_executor executor,
                                                 SessionKeys keys, LinkLimits link,
                                                 GateLimits limits) {
    auto context = make_session_context(keys.authorization);
    if (!context) return context.error();
    return std::shared_ptr<Session>(
        new Session(executor, std::move(keys), std::move(*context), link, limits));
}

Session::Session(boost::asio::any_io_executor executor, SessionKeys keys,
                 Owned<SSL_CTX, SSL_CTX_free> context, LinkLimits link, GateLimits limits)
    : authorization_(std::move(keys.authorization)), tls_context_(std::move(context)),
      expiration_(session_expiration(authorization_)),
      gate_(executor, access_of(authorization_, tls_context_.get(), link),
            token_or_new(std::move(keys.tofu_token)), limits) {}

Status Session::check_not_expired() const {
    if (wall_now() < expiration_) return {};
    return fail(Errc::session_over, Hop::expiry, "session " + id() + " has expired",
                "Authorize the target again.");
}

void Session::connections_left(std::int32_t left) {
    if (!left_ || *left_ < 0 || left < 0) {
        left_ = left;
    } else {
        left_ = std::min(*left_, left);
    }
}

} // namespace agent::proxy
