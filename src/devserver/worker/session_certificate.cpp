#include "devserver/worker/session_certificate.hpp"

#include "base/random.hpp"
#include "net/openssl.hpp"

#include <openssl/asn1.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>
#include <string.h> // explicit_bzero

#include <array>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string_view>

namespace devserver {
namespace {

using agent::Owned;
using Key = Owned<EVP_PKEY, EVP_PKEY_free>;
using Certificate = Owned<X509, X509_free>;
using Extension = Owned<X509_EXTENSION, X509_EXTENSION_free>;
using Names = Owned<GENERAL_NAMES, GENERAL_NAMES_free>;
using Octets = Owned<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free>;

void require(bool ok, const char* what) {
    if (!ok)
        throw std::runtime_error(std::string("session certificate: OpenSSL failed to ") + what);
}

void add_name(GENERAL_NAMES* names, int type, std::string_view value) {
    Octets text(ASN1_STRING_type_new(type == GEN_IPADD ? V_ASN1_OCTET_STRING : V_ASN1_IA5STRING));
    require(text && ASN1_STRING_set(text.get(), value.data(), static_cast<int>(value.size())) == 1,
            "make a name");
    Owned<GENERAL_NAME, GENERAL_NAME_free> name(GENERAL_NAME_new());
    require(name != nullptr, "make a name");
    GENERAL_NAME_set0_value(name.get(), type, text.release());
    require(sk_GENERAL_NAME_push(names, name.get()) > 0, "add a name");
    static_cast<void>(name.release());
}

void add_host(GENERAL_NAMES* names, const std::string& host) {
    std::array<char, 16> address{};
    if (::inet_pton(AF_INET, host.c_str(), address.data()) == 1)
        add_name(names, GEN_IPADD, {address.data(), 4});
    else if (::inet_pton(AF_INET6, host.c_str(), address.data()) == 1)
        add_name(names, GEN_IPADD, {address.data(), 16});
    else
        add_name(names, GEN_DNS, host);
}

void add_extension(X509* certificate, int nid, const char* value) {
    const Extension extension(X509V3_EXT_conf_nid(nullptr, nullptr, nid, value));
    require(extension && X509_add_ext(certificate, extension.get(), -1) == 1, "add an extension");
}

void set_validity(X509* certificate, agent::WallTime from, agent::WallTime until) {
    const auto seconds = [](agent::WallTime time) {
        return static_cast<std::time_t>(
            std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
    };
    require(ASN1_TIME_set(X509_getm_notBefore(certificate), seconds(from)) != nullptr,
            "set the start");
    require(ASN1_TIME_set(X509_getm_notAfter(certificate), seconds(until)) != nullptr,
            "set the end");
}

/// Positive and 63 bits long at most: Go refuses other serial numbers.
void set_serial(X509* certificate) {
    std::uint64_t serial = 0;
    while (serial == 0) {
        agent::fill_random(std::as_writable_bytes(std::span(&serial, 1)));
        serial >>= 1;
    }
    require(ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial) == 1,
            "set the serial number");
}

Key make_key(agent::Secret& both_halves) {
    std::array<std::byte, 32> seed;
    agent::fill_random(seed);
    Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr,
                                         reinterpret_cast<const unsigned char*>(seed.data()),
                                         seed.size()));
    std::array<char, 32> open{};
    std::size_t length = open.size();
    require(key && EVP_PKEY_get_raw_public_key(
                       key.get(), reinterpret_cast<unsigned char*>(open.data()), &length) == 1,
            "make a key");
    std::string joined(reinterpret_cast<const char*>(seed.data()), seed.size());
    joined.append(open.data(), open.size());
    both_halves = agent::Secret(std::move(joined));
    ::explicit_bzero(seed.data(), seed.size());
    return key;
}

} // namespace

SessionCertificate make_session_certificate(const std::string& session_id,
                                            const std::vector<std::string>& worker_hosts,
                                            agent::WallTime now, agent::WallTime expiration) {
    SessionCertificate made;
    const Key key = make_key(made.private_key);
    const Certificate certificate(X509_new());
    require(certificate && X509_set_version(certificate.get(), X509_VERSION_3) == 1,
            "make a certificate");
    set_serial(certificate.get());
    set_validity(certificate.get(), now - std::chrono::minutes(1), expiration);
    require(X509_set_pubkey(certificate.get(), key.get()) == 1, "set the key");

    add_extension(certificate.get(), NID_key_usage,
                  "critical,digitalSignature,keyEncipherment,keyAgreement,keyCertSign");
    add_extension(certificate.get(), NID_ext_key_usage, "serverAuth,clientAuth");
    add_extension(certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
    const Names names(GENERAL_NAMES_new());
    require(names != nullptr, "make the names");
    add_name(names.get(), GEN_DNS, session_id);
    for (const auto& host : worker_hosts) add_host(names.get(), host);
    // Critical, because the subject is empty (RFC 5280 §4.2.1.6).
    require(X509_add1_ext_i2d(certificate.get(), NID_subject_alt_name, names.get(), 1,
                              X509V3_ADD_DEFAULT) == 1,
            "add the names");

    require(X509_sign(certificate.get(), key.get(), nullptr) > 0, "sign");
    made.certificate_der = agent::net::der_of(certificate.get());
    require(!made.certificate_der.empty(), "encode the certificate");
    return made;
}

} // namespace devserver
