#include "support/session_identity.hpp"

#include <openssl/x509v3.h>

#include <stdexcept>

namespace agent::test {
namespace {

void require(bool ok) {
    if (!ok) throw std::runtime_error("OpenSSL could not make a test certificate");
}

} // namespace

SessionIdentity make_session_identity(const std::string& session_id) {
    const Owned<EVP_PKEY, EVP_PKEY_free> key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    require(key != nullptr);
    SessionIdentity identity;
    identity.private_key.resize(64);
    const auto bytes = reinterpret_cast<unsigned char*>(identity.private_key.data());
    std::size_t size = 32;
    require(EVP_PKEY_get_raw_private_key(key.get(), bytes, &size) == 1);
    size = 32;
    require(EVP_PKEY_get_raw_public_key(key.get(), bytes + 32, &size) == 1);

    const Owned<X509, X509_free> certificate(X509_new());
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
    identity.certificate = net::der_of(certificate.get());
    require(!identity.certificate.empty());
    return identity;
}

Owned<SSL_CTX, SSL_CTX_free> make_tls_context(const SessionIdentity* identity) {
    Owned<SSL_CTX, SSL_CTX_free> context(SSL_CTX_new(TLS_method()));
    SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION);
    if (!identity) return context;
    auto bytes = reinterpret_cast<const unsigned char*>(identity->certificate.data());
    const Owned<X509, X509_free> certificate(
        d2i_X509(nullptr, &bytes, long(identity->certificate.size())));
    const Owned<EVP_PKEY, EVP_PKEY_free> key(EVP_PKEY_new_raw_private_key(
        EVP_PKEY_ED25519, nullptr,
        reinterpret_cast<const unsigned char*>(identity->private_key.data()), 32));
    require(SSL_CTX_use_certificate(context.get(), certificate.get()) == 1);
    require(SSL_CTX_use_PrivateKey(context.get(), key.get()) == 1);
    return context;
}

} // namespace agent::test
