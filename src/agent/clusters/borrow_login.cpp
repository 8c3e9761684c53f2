// A login that Boundary's own command stored may serve here, so that nobody has to log in twice.
// Such an entry does not say which cluster it is for, and a token must reach no address that its
// owner did not mean. So it is shown only
//   - to a cluster that the caller named, by address or name, or that is the current one by
//   somebody's choice,
//   - over TLS that is verified, or on this machine: a Unix socket or a loopback address whose
//   listener is this user's
//     or root's (controller/listener_check.cpp),
//   - to no other address once one has accepted it,
// and is used only after that cluster has said, for GET /v1/auth-tokens/ID, that it is one of its
// own. It is not copied into another keyring.

#include "agent/clusters/auth_token.hpp"
#include "agent/clusters/controllers.hpp"
#include "base/log.hpp"

namespace agent::core {
namespace {

constexpr auto ask_again_after = std::chrono::minutes(10);

} // namespace

awaitable<Result<Secret>> Controllers::borrow_login(ClusterChoice choice) {
    const bool meant = choice.named || !choice.cluster_name.empty();
    if (!meant || !controller::protected_route(choice.settings)) co_return Secret();
    const keyring::Key key{choice.settings.address, choice.token_name};
    const auto tried = not_borrowed_.find(key);
    if (tried != not_borrowed_.end() && std::chrono::steady_clock::now() < tried->second)
        co_return Secret();
    not_borrowed_[key] = std::chrono::steady_clock::now() + ask_again_after;

    auto stored = co_await logins_.stored_by_others(choice.token_name, choice.keyring);
    if (!stored) {
        log::warning("{}", stored.error().message);
        co_return Secret();
    }
    if (!stored->has_value()) co_return Secret();
    const auto object = parse_secret_json((**stored).value);
    if (!object) co_return Secret();
    const std::string id = string_member(*object, "id");
    const auto expires = parse_rfc3339(string_member(*object, "expiration_time"));
    if (id.empty() || (expires && *expires <= wall_now())) co_return Secret();
    const Json* said = find_member(*object, "token");
    if (said == nullptr || !said->is_string() || !usable_token(said->get_ref<const std::string&>()))
        co_return Secret();
    for (const auto& held : logins_.list()) { // another cluster's
        const auto known = parse_secret_json(held.value);
        if (known && string_member(*known, "id") == id && held.key.address != key.address)
            co_return Secret();
    }
    controller::Request request;
    request.path = "/v1/auth-tokens/" + controller::percent_encode(id);
    request.token = Secret(string_member(*object, "token"));
    const Secret token = request.token;
    const auto reply = co_await client_of(choice.settings)->send(std::move(request));
    if (!reply || !reply->ok()) co_return Secret();
    const auto answer = parse_json(reply->body);
    if (!answer || string_member(*answer, "id") != id) co_return Secret();
    const std::string from = (**stored).keyring;
    log::info("login of {} taken from {}, where Boundary's command stored it", key.address, from);
    logins_.borrow(key, std::move((**stored).value), expires, from);
    not_borrowed_.erase(key);
    co_return token;
}

} // namespace agent::core
