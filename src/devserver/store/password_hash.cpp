#include "devserver/store/password_hash.hpp"

#include "base/base64.hpp"
#include "base/random.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include <array>
#include <span>
#include <stdexcept>

namespace devserver {
namespace {

std::string derive(const agent::Secret& password, std::string_view salt) {
    std::array<unsigned char, 32> key{};
    const auto text = password.reveal();
    if (EVP_PBE_scrypt(text.data(), text.size(),
                       reinterpret_cast<const unsigned char*>(salt.data()), salt.size(), 16384, 8,
                       1, 64 * 1024 * 1024, key.data(), key.size()) != 1)
        throw std::runtime_error("scrypt failed: OpenSSL could not derive a key");
    return std::string(reinterpret_cast<const char*>(key.data()), key.size());
}

} // namespace

std::string hash_password(const agent::Secret& password) {
    std::string salt(16, '\0');
    agent::fill_random(std::as_writable_bytes(std::span(salt)));
    return "scrypt:" + agent::base64_encode(salt) + ":" +
           agent::base64_encode(derive(password, salt));
}

bool password_matches(const agent::Secret& password, std::string_view hash) {
    const auto first = hash.find(':');
    const auto second = hash.find(':', first + 1);
    if (first == std::string_view::npos || second == std::string_view::npos) return false;
    const auto salt = agent::base64_decode(hash.substr(first + 1, second - first - 1));
    const auto key = agent::base64_decode(hash.substr(second + 1));
    return salt && key && equal_in_constant_time(derive(password, *salt), *key);
}

std::string hash_token(std::string_view token) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    SHA256(reinterpret_cast<const unsigned char*>(token.data()), token.size(), digest.data());
    return agent::base64_encode(
        std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

} // namespace devserver
