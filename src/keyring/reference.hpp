#pragma once
// Logins that Boundary's own command stored for this user: in `pass`, or in the Secret Service's
// collection "login". Read only. They name no cluster: src/agent/borrow_login.cpp decides where
// such a token may be shown.

#include "async/token.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "keyring/secret_service.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace agent::keyring {

/// The auth token object inside a stored item. Errc::keyring_failed, without quoting anything, for
/// anything else.
Result<Secret> decode_reference_item(std::string_view item);

/// `pass show HashiCorp_Boundary/NAME`, when there is such a file: else nothing is started. gpg may
/// ask for a passphrase.
awaitable<Result<std::optional<Secret>>> read_pass(std::string token_name,
                                                   std::chrono::milliseconds limit);

/// By the attribute `profile`. Does not ask a person to unlock anything.
awaitable<Result<std::optional<Secret>>> read_profile(SecretService& service,
                                                      std::string token_name);

} // namespace agent::keyring
