#pragma once
// Owners for the OpenSSL objects this project holds.

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>

namespace agent::net {

struct OpenSslFree {
    void operator()(SSL_CTX* p) const { SSL_CTX_free(p); }
    void operator()(SSL* p) const { SSL_free(p); }
    void operator()(X509* p) const { X509_free(p); }
    void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
};
template <class T> using OpenSslPtr = std::unique_ptr<T, OpenSslFree>;

} // namespace agent::net
