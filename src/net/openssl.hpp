#pragma once
// Owners for the OpenSSL objects this project holds, and its error texts.

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

namespace agent::net {

struct OpenSslFree {
    void operator()(SSL_CTX* p) const { SSL_CTX_free(p); }
    void operator()(SSL* p) const { SSL_free(p); }
    void operator()(X509* p) const { X509_free(p); }
    void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
};
template <class T> using OpenSslPtr = std::unique_ptr<T, OpenSslFree>;

/// OpenSSL's table of two thousand error texts is made at the first failure instead of at the
/// start: 150 KiB that a process in good health does not need. To be called before anything else of
/// OpenSSL.
void start_openssl_without_texts();
/// Makes OpenSSL find its algorithms now and not with the first session: some 5 ms.
void prepare_tls();
/// The text of an error number.
std::string openssl_reason(unsigned long problem);

} // namespace agent::net
