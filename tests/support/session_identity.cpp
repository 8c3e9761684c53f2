#include "support/session_identity.hpp"

#include "net/openssl.hpp"

#include <openssl/x509v3.h>

#include <stdexcept>

namespace agent::test {
namespace {

void require(bool ok) {
    if (!ok) throw std::runtime_error("OpenSSL could not make a test certificate");
}

} // namespace

SessionIdentity make_session_identity(const std::string& session_id) {
    const net::OpenSslPtr<EVP_PKEY> key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    require(key != nullptr);
    SessionIdentity identity;
    identity.private_key.resize(64);
    const auto bytes = reinterpret_cast<unsigned char*>(identity.private_key.data());
    std::size_t size = 32;
    require(EVP_PKEY_get_raw_private_key(key.get(), bytes, &size) == 1);
    size = 32;
    require(EVP_PKEY_get_raw_public_key(key.get(), bytes + 32, &size) == 1);

    const net::OpenSslPtr<X509> certificate(X509_new());
    X509_set_version(certificate.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 4711);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
    X509_set_pubkey(certificate.get(), key.get());
    X509_EXTENSION* names =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, ("DNS:" + session_id).c_str());
    require(names != nullptr && X509_add_ext(certificate.get(), names, -1) == 1);
    X509_EXTENSION_free(names);
    require(X509_sign(certificate.get(), key.get(), nullptr) > 0);
    unsigned char* der = nullptr;
    const int length = i2d_X509(certificate.get(), &der);
    require(length > 0);
    identity.certificate.assign(reinterpret_cast<const char*>(der),
                                static_cast<std::size_t>(length));
    OPENSSL_free(der);
    return identity;
}

} // namespace agent::test
