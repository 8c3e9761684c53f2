#include "net/openssl.hpp"

#include <openssl/crypto.h>
#include <openssl/err.h>

#include <array>

namespace agent::net {

void start_openssl_without_texts() {
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS, nullptr);
    OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_SSL_STRINGS, nullptr);
}

void prepare_tls() {
    const Owned<SSL_CTX, SSL_CTX_free> context(SSL_CTX_new(TLS_client_method()));
    const std::array<unsigned char, 32> any{1};
    const Owned<EVP_PKEY, EVP_PKEY_free> key(
        EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, any.data(), any.size()));
    ERR_clear_error();
}

std::string openssl_reason(unsigned long problem) {
    // Deprecated, and the only way once they were left out at the start.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    static const bool loaded = ERR_load_SSL_strings() == 1 && ERR_load_EVP_strings() == 1;
#pragma GCC diagnostic pop
    const char* text = loaded ? ERR_reason_error_string(problem) : nullptr;
    return text != nullptr ? text : "unknown error";
}

} // namespace agent::net
