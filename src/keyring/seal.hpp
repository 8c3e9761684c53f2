#pragma once
// AES-256-GCM over OpenSSL, and the key that file.cpp seals with.

#include "base/result.hpp"
#include "base/secret.hpp"

#include <string>
#include <string_view>

namespace agent::keyring {

struct SealedText {
    std::string nonce;
    std::string text; ///< with the tag at its end
};

/// `about` is bound to the text: it cannot be moved to another place.
Result<SealedText> seal(const Secret& key, const Secret& plain, std::string_view about);
Result<Secret> unseal(const Secret& key, const SealedText& sealed, std::string_view about);

/// From the credential "agentd-keyring" of the service manager ($CREDENTIALS_DIRECTORY), else from
/// the kernel's keyring. `make`: a new one when there is none. Empty without one.
Result<Secret> sealing_key(bool make);

} // namespace agent::keyring
