#pragma once
// What this project needs of OpenSSL beside Asio. Its objects are held as Owned<X509, X509_free>.

#include "base/owned.hpp"

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <string>

namespace agent::net {

/// OpenSSL's table of two thousand error texts is made at the first failure instead of at the
/// start: 150 KiB that a process in good health does not need. To be called before anything else of
/// OpenSSL.
void start_openssl_without_texts();
/// Makes OpenSSL find its algorithms now and not with the first session: some 5 ms.
void prepare_tls();
/// How a certificate travels; empty when it cannot be encoded. Here, for whoever links libcrypto
/// alone.
inline std::string der_of(X509* certificate) {
    unsigned char* bytes = nullptr;
    const int size = i2d_X509(certificate, &bytes);
    if (size <= 0) return {};
    std::string der(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
    OPENSSL_free(bytes);
    return der;
}
/// The text of an error number.
std::string openssl_reason(unsigned long problem);

} // namespace agent::net
