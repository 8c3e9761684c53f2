#include "proxy/session_tls.hpp"

#include "boundary/protocol.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <ctime>
#include <new>

namespace agent::proxy {
namespace {

Owned<X509, X509_free> parse_certificate(const std::string& der) {
    auto bytes = reinterpret_cast<const unsigned char*>(der.data());
    Owned<X509, X509_free> certificate(d2i_X509(nullptr, &bytes, static_cast<long>(der.size())));
    ERR_clear_error();
    return certificate;
}

// Each connection would keep a parsed copy of the worker's certificate, some 3 KiB, until it ends.
// Theirs is ours byte for byte, so OpenSSL is given ours to hold instead, before it has looked at
// theirs for anything but this check.
void hold_ours(SSL* ssl, X509* theirs, X509* ours) {
    STACK_OF(X509)* const chain = SSL_get_peer_cert_chain(ssl);
    if (sk_X509_num(chain) < 1 || sk_X509_value(chain, 0) != theirs || X509_up_ref(ours) != 1)
        return;
    sk_X509_set(chain, 0, ours);
    X509_free(theirs);
}

// The worker must show the certificate that we show ourselves.
int peer_is_this_session(X509_STORE_CTX* store, void*) {
    const auto ssl =
        static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
    X509* const theirs = X509_STORE_CTX_get0_cert(store);
    X509* const ours = SSL_get_certificate(ssl);
    const auto shown = net::der_of(theirs);
    if (!shown.empty() && shown == net::der_of(ours)) {
        hold_ours(ssl, theirs, ours);
        return 1;
    }
    X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
    return 0;
}

// For the length of what surrounds a certificate, and some more than a worker has to show.
constexpr std::size_t certificate_room = 16 * 1024;

Error unusable(std::string what) {
    ERR_clear_error();
    return fail(Errc::invalid_authorization, Hop::local, "authorization token: " + std::move(what),
                "Authorize the target again.");
}

} // namespace

Result<Owned<SSL_CTX, SSL_CTX_free>>
make_session_context(const boundary::SessionAuthorization& authorization) {
    const auto certificate = parse_certificate(authorization.certificate);
    if (!certificate) return unusable("the certificate is no X.509");
    const auto key_bytes = authorization.private_key.reveal();
    if (key_bytes.size() != boundary::private_key_bytes)
        return unusable("the key has not 64 bytes");
    const Owned<EVP_PKEY, EVP_PKEY_free> key(EVP_PKEY_new_raw_private_key(
        EVP_PKEY_ED25519, nullptr, reinterpret_cast<const unsigned char*>(key_bytes.data()), 32));
    if (!key) return unusable("the key is no Ed25519 key");

    Owned<SSL_CTX, SSL_CTX_free> context(SSL_CTX_new(TLS_client_method()));
    if (!context) throw std::bad_alloc();
    SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION);
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF); // workers never resume
    SSL_CTX_set_max_cert_list(
        context.get(), static_cast<long>(authorization.certificate.size() + certificate_room));
    if (SSL_CTX_use_certificate(context.get(), certificate.get()) != 1 ||
        SSL_CTX_use_PrivateKey(context.get(), key.get()) != 1)
        return unusable("the key does not belong to the certificate");
    const auto alpn = boundary::alpn_wire_list(authorization.session_id);
    if (SSL_CTX_set_alpn_protos(context.get(), reinterpret_cast<const unsigned char*>(alpn.data()),
                                static_cast<unsigned>(alpn.size())) != 0)
        return unusable("the session id does not fit ALPN");
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_cert_verify_callback(context.get(), peer_is_this_session, nullptr);
    return context;
}

WallTime session_expiration(const boundary::SessionAuthorization& authorization) {
    if (authorization.expiration) return *authorization.expiration;
    std::tm end{};
    const auto certificate = parse_certificate(authorization.certificate);
    if (!certificate || ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &end) != 1)
        return wall_now();
    return WallTime(std::chrono::seconds(::timegm(&end)));
}

} // namespace agent::proxy
