#include "devserver/worker/session_certificate.hpp"

#include "base/owned.hpp"
#include "support/catch.hpp"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <ctime>

using namespace devserver;
using namespace std::chrono_literals;

namespace {

using agent::Owned;
using Certificate = Owned<X509, X509_free>;

Certificate parse(const std::string& der) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
    return Certificate(d2i_X509(nullptr, &bytes, static_cast<long>(der.size())));
}

std::time_t seconds_of(const ASN1_TIME* time) {
    std::tm parts{};
    REQUIRE(ASN1_TIME_to_tm(time, &parts) == 1);
    return ::timegm(&parts);
}

const agent::WallTime now{1'900'000'000s + 250ms};

SessionCertificate make() {
    return make_session_certificate("s_1234567890", {"127.0.0.1", "worker.example.org", "::1"}, now,
                                    now + 8h);
}

} // namespace

TEST_CASE("session certificate: names are the session, the worker's host and its addresses") {
    const auto made = make();
    const auto certificate = parse(made.certificate_der);
    REQUIRE(certificate);
    auto* x509 = certificate.get();
    CHECK(X509_check_host(x509, "s_1234567890", 0, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, nullptr) ==
          1);
    CHECK(X509_check_host(x509, "worker.example.org", 0, 0, nullptr) == 1);
    CHECK(X509_check_host(x509, "other.example.org", 0, 0, nullptr) == 0);
    CHECK(X509_check_ip_asc(x509, "127.0.0.1", 0) == 1);
    CHECK(X509_check_ip_asc(x509, "::1", 0) == 1);
    CHECK(X509_check_ip_asc(x509, "127.0.0.2", 0) == 0);
    CHECK(X509_NAME_entry_count(X509_get_subject_name(x509)) == 0);
    CHECK(X509_NAME_entry_count(X509_get_issuer_name(x509)) == 0);
}

TEST_CASE(
    "session certificate: usages, authority and serial number are what Go's verifier asks for") {
    const auto made = make();
    const auto certificate = parse(made.certificate_der);
    auto* x509 = certificate.get();
    CHECK(X509_check_purpose(x509, X509_PURPOSE_SSL_SERVER, 0) == 1);
    CHECK(X509_check_purpose(x509, X509_PURPOSE_SSL_CLIENT, 0) == 1);
    CHECK(X509_check_ca(x509) == 1);
    CHECK(X509_get_key_usage(x509) ==
          (KU_DIGITAL_SIGNATURE | KU_KEY_ENCIPHERMENT | KU_KEY_AGREEMENT | KU_KEY_CERT_SIGN));
    std::int64_t serial = 0;
    REQUIRE(ASN1_INTEGER_get_int64(&serial, X509_get0_serialNumber(x509)) == 1);
    CHECK(serial > 0);
    CHECK(parse(make().certificate_der));
    CHECK(make().certificate_der != made.certificate_der);
}

TEST_CASE("session certificate: valid from a minute ago until the session expires") {
    const auto certificate = parse(make().certificate_der);
    CHECK(seconds_of(X509_get0_notBefore(certificate.get())) == 1'900'000'000 - 60);
    CHECK(seconds_of(X509_get0_notAfter(certificate.get())) == 1'900'000'000 + 8 * 3600);
}

TEST_CASE("session certificate: the key is seed and public half, and signed the certificate") {
    const auto made = make();
    const auto key = made.private_key.reveal();
    REQUIRE(key.size() == 64);
    const auto* bytes = reinterpret_cast<const unsigned char*>(key.data());
    const Owned<EVP_PKEY, EVP_PKEY_free> seed(
        EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytes, 32));
    const Owned<EVP_PKEY, EVP_PKEY_free> open(
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes + 32, 32));
    CHECK(EVP_PKEY_eq(seed.get(), open.get()) == 1);
    const auto certificate = parse(made.certificate_der);
    CHECK(X509_verify(certificate.get(), open.get()) == 1);
}
