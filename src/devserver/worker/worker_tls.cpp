#include "devserver/worker/worker_tls.hpp"

#include "base/log.hpp"
#include "boundary/protocol.hpp"

#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>
#include <string_view>

namespace devserver {
namespace {

using agent::Owned;

std::string_view extension(SSL* ssl, unsigned type) {
    const unsigned char* bytes = nullptr;
    std::size_t size = 0;
    if (SSL_client_hello_get0_ext(ssl, type, &bytes, &size) != 1) return {};
    return {reinterpret_cast<const char*>(bytes), size};
}

std::size_t big_endian16(std::string_view bytes) {
    return static_cast<std::size_t>(static_cast<unsigned char>(bytes[0])) << 8 |
           static_cast<unsigned char>(bytes[1]);
}

/// What a two-byte length in front of `bytes` promises, or nothing when it lies.
std::string_view behind_length(std::string_view bytes) {
    if (bytes.size() < 2 || big_endian16(bytes) != bytes.size() - 2) return {};
    return bytes.substr(2);
}

/// server_name: a list with one entry of type 0 (a host name).
std::string_view server_name(std::string_view bytes) {
    const auto entry = behind_length(bytes);
    if (entry.empty() || entry[0] != 0) return {};
    return behind_length(entry.substr(1));
}

std::string wanted_session(SSL* ssl) {
    const auto name = server_name(extension(ssl, TLSEXT_TYPE_server_name));
    if (name.starts_with(agent::boundary::session_id_prefix)) return std::string(name);
    const auto protocols =
        behind_length(extension(ssl, TLSEXT_TYPE_application_layer_protocol_negotiation));
    return std::string(agent::boundary::session_id_in_alpn(protocols));
}

bool use_certificate_of(SSL* ssl, const SessionRecord& session) {
    const auto key = session.private_key.reveal();
    if (key.size() != agent::boundary::private_key_bytes) return false;
    const auto* der = reinterpret_cast<const unsigned char*>(session.certificate_der.data());
    const Owned<EVP_PKEY, EVP_PKEY_free> seed(EVP_PKEY_new_raw_private_key(
        EVP_PKEY_ED25519, nullptr, reinterpret_cast<const unsigned char*>(key.data()), 32));
    return seed &&
           SSL_use_certificate_ASN1(ssl, der, static_cast<int>(session.certificate_der.size())) ==
               1 &&
           SSL_use_PrivateKey(ssl, seed.get()) == 1;
}

/// Every refusal here is the alert internal_error: the reference client has words for that one.
int choose_session(SSL* ssl, int* alert, void* authority) {
    *alert = SSL_AD_INTERNAL_ERROR;
    const auto id = wanted_session(ssl);
    if (!agent::boundary::is_session_id(id)) return SSL_CLIENT_HELLO_ERROR;
    try { // nothing may be thrown through OpenSSL
        const auto session = static_cast<SessionAuthority*>(authority)->lookup_session(id);
        if (session && use_certificate_of(ssl, *session)) return SSL_CLIENT_HELLO_SUCCESS;
    } catch (const std::exception& problem) {
        agent::log::error("session={} {}", id, problem.what());
    }
    return SSL_CLIENT_HELLO_ERROR;
}

/// Only http/1.1 is ever chosen; a list without it is refused, no list at all is fine.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* length,
                    const unsigned char* offered, unsigned size, void*) {
    const std::string_view wanted = agent::boundary::alpn_http;
    const std::string_view list(reinterpret_cast<const char*>(offered), size);
    for (std::size_t at = 0; at < list.size(); at += 1 + static_cast<unsigned char>(list[at])) {
        const auto entry = list.substr(at + 1, static_cast<unsigned char>(list[at]));
        if (entry != wanted) continue;
        *chosen = offered + at + 1;
        *length = static_cast<unsigned char>(entry.size());
        return SSL_TLSEXT_ERR_OK;
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

std::string der_of(const X509* certificate) {
    std::string der;
    const int length = i2d_X509(certificate, nullptr);
    if (length <= 0) return der;
    der.resize(static_cast<std::size_t>(length));
    auto* out = reinterpret_cast<unsigned char*>(der.data());
    i2d_X509(certificate, &out);
    return der;
}

/// The client must hold the very certificate we present: equal bytes, so no chain and no name is
/// left to check.
int accept_same_certificate(X509_STORE_CTX* verification, void*) {
    const auto* ssl = static_cast<const SSL*>(
        X509_STORE_CTX_get_ex_data(verification, SSL_get_ex_data_X509_STORE_CTX_idx()));
    const X509* theirs = X509_STORE_CTX_get0_cert(verification);
    const X509* ours = SSL_get_certificate(ssl);
    const auto expected = ours ? der_of(ours) : std::string();
    if (theirs && !expected.empty() && der_of(theirs) == expected) return 1;
    X509_STORE_CTX_set_error(verification, X509_V_ERR_CERT_REJECTED);
    return 0;
}

} // namespace

WorkerTls::WorkerTls(SessionAuthority& authority) : context_(SSL_CTX_new(TLS_server_method())) {
    auto* context = context_.get();
    if (!context || SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) != 1)
        throw std::runtime_error("worker: OpenSSL offers no TLS 1.3");
    SSL_CTX_set_client_hello_cb(context, choose_session, &authority);
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    SSL_CTX_set_cert_verify_callback(context, accept_same_certificate, nullptr);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF); // never resumed: no tickets either
    SSL_CTX_set_num_tickets(context, 0);
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_IGNORE_UNEXPECTED_EOF);
}

std::string session_of_peer(const SSL* ssl) {
    const Owned<X509, X509_free> certificate(SSL_get1_peer_certificate(ssl));
    if (!certificate) return {};
    const Owned<GENERAL_NAMES, GENERAL_NAMES_free> names(static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(certificate.get(), NID_subject_alt_name, nullptr, nullptr)));
    for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
        const auto* name = sk_GENERAL_NAME_value(names.get(), i);
        if (name->type != GEN_DNS) continue;
        const std::string_view text(
            reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
            static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)));
        if (agent::boundary::is_session_id(text)) return std::string(text);
    }
    return {};
}

} // namespace devserver
