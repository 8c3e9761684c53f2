#include "unit/controller/certificates.hpp"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <stdexcept>

namespace agent::test {
namespace {

std::shared_ptr<EVP_PKEY> make_key() {
    return {EVP_EC_gen("P-256"), EVP_PKEY_free};
}

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* const made = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
    if (made == nullptr || X509_add_ext(certificate, made, -1) != 1)
        throw std::runtime_error("bad extension " + value);
    X509_EXTENSION_free(made);
}

std::shared_ptr<X509> make_certificate(EVP_PKEY* key, const Certificate& wanted) {
    static long serial = 1;
    std::shared_ptr<X509> made(X509_new(), X509_free);
    X509_set_version(made.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), wanted.days_from * 86400L);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), wanted.days_to * 86400L);
    X509_set_pubkey(made.get(), key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(wanted.common_name), -1, -1,
                               0);
    return made;
}

} // namespace

Authority::Authority(const TempDir& folder, const std::string& name)
    : file_((folder / (name + ".pem")).string()), key_(make_key()) {
    Certificate wanted;
    wanted.common_name = name.c_str();
    certificate_ = make_certificate(key_.get(), wanted);
    X509_set_issuer_name(certificate_.get(), X509_get_subject_name(certificate_.get()));
    add_extension(certificate_.get(), certificate_.get(), NID_basic_constraints,
                  "critical,CA:TRUE");
    add_extension(certificate_.get(), certificate_.get(), NID_key_usage, "critical,keyCertSign");
    X509_sign(certificate_.get(), key_.get(), EVP_sha256());
    std::FILE* const out = std::fopen(file_.c_str(), "w");
    if (out == nullptr) throw std::runtime_error("cannot write " + file_);
    PEM_write_X509(out, certificate_.get());
    std::fclose(out);
}

std::shared_ptr<SSL_CTX> Authority::issue(const Certificate& wanted) const {
    const auto key = make_key();
    const auto made = make_certificate(key.get(), wanted);
    X509_set_issuer_name(made.get(), X509_get_subject_name(certificate_.get()));
    if (!wanted.names.empty())
        add_extension(made.get(), certificate_.get(), NID_subject_alt_name, wanted.names);
    X509_sign(made.get(), key_.get(), EVP_sha256());
    std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    SSL_CTX_use_certificate(context.get(), made.get());
    SSL_CTX_use_PrivateKey(context.get(), key.get());
    return context;
}

std::function<void(int)> serve_tls(std::shared_ptr<SSL_CTX> context,
                                   std::function<void(SSL*)> serve) {
    return [context = std::move(context), serve = std::move(serve)](int fd) {
        const Owned<SSL, SSL_free> tls(SSL_new(context.get()));
        SSL_set_fd(tls.get(), fd);
        if (SSL_accept(tls.get()) == 1) serve(tls.get());
    };
}

} // namespace agent::test
