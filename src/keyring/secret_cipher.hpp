#pragma once
// How a Secret Service's secrets travel over the bus: dh-ietf1024-sha256-aes128-cbc-pkcs7 of its
// specification, so that the bus daemon, which copies every message, never holds a token.

#include "base/result.hpp"
#include "base/secret.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace agent::keyring {

using Bytes = std::vector<std::uint8_t>;

class SecretCipher {
  public:
    static constexpr const char* algorithm = "dh-ietf1024-sha256-aes128-cbc-pkcs7";

    /// Makes a key pair; public_key() goes to the service.
    static Result<SecretCipher> make();
    const Bytes& public_key() const { return public_key_; }
    /// The service's public key: both ends know the AES key now.
    Status agree(const Bytes& peer);

    struct Sealed {
        Bytes iv;
        Bytes text;
    };
    Result<Sealed> seal(const Secret& plain) const;
    Result<Secret> open(const Bytes& iv, const Bytes& text) const;

  private:
    Secret private_key_;
    Bytes public_key_;
    Secret key_;
};

} // namespace agent::keyring
