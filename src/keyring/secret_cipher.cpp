#include "keyring/secret_cipher.hpp"

#include "base/owned.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

namespace agent::keyring {
namespace {

constexpr std::size_t group_bytes = 128; // the 1024-bit group of RFC 2409
constexpr std::size_t session_key_bytes = 16;
constexpr std::size_t iv_bytes = 16;

using Number = Owned<BIGNUM, BN_clear_free>;
using Arithmetic = Owned<BN_CTX, BN_CTX_free>;
using CipherContext = Owned<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;

Error refused(const char* what) {
    return fail(Errc::keyring_failed, Hop::login, std::string("Secret Service: ") + what);
}

const unsigned char* bytes_of(const Secret& secret) {
    return reinterpret_cast<const unsigned char*>(secret.reveal().data());
}

/// base^exponent in the group, with leading zeros.
Result<std::string> power(const BIGNUM* base, const BIGNUM* exponent) {
    const Arithmetic arithmetic(BN_CTX_secure_new());
    const Number prime(BN_get_rfc2409_prime_1024(nullptr)), result(BN_new());
    std::string out(group_bytes, '\0');
    const bool done =
        arithmetic && prime && result &&
        BN_mod_exp(result.get(), base, exponent, prime.get(), arithmetic.get()) == 1 &&
        BN_bn2binpad(result.get(), reinterpret_cast<unsigned char*>(out.data()), group_bytes) ==
            static_cast<int>(group_bytes);
    if (!done) return refused("no key agreement");
    return out;
}

Result<Secret> derive_key(const Secret& shared) {
    const Owned<EVP_KDF, EVP_KDF_free> kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
    const Owned<EVP_KDF_CTX, EVP_KDF_CTX_free> context(kdf ? EVP_KDF_CTX_new(kdf.get()) : nullptr);
    std::string key(session_key_bytes, '\0'), input(shared.reveal()), salt(32, '\0'),
        digest("SHA256");
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, input.data(), input.size()),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, salt.data(), salt.size()),
        OSSL_PARAM_construct_end(),
    };
    const bool done =
        context && EVP_KDF_derive(context.get(), reinterpret_cast<unsigned char*>(key.data()),
                                  key.size(), parameters) == 1;
    ::explicit_bzero(input.data(), input.size());
    if (!done) return refused("no key derivation");
    return Secret(std::move(key));
}

} // namespace

Result<SecretCipher> SecretCipher::make() {
    SecretCipher cipher;
    std::string random(group_bytes - 1, '\0'); // below the prime
    if (RAND_priv_bytes(reinterpret_cast<unsigned char*>(random.data()),
                        static_cast<int>(random.size())) != 1)
        return refused("no random numbers");
    cipher.private_key_ = Secret(std::move(random));
    const Number exponent(BN_bin2bn(bytes_of(cipher.private_key_),
                                    static_cast<int>(cipher.private_key_.reveal().size()),
                                    nullptr));
    const Number generator(BN_new());
    if (!exponent || !generator || BN_set_word(generator.get(), 2) != 1)
        return refused("no key agreement");
    const auto made = power(generator.get(), exponent.get());
    if (!made) return made.error();
    cipher.public_key_.assign(made->begin(), made->end());
    return cipher;
}

// KWallet writes a zero before a number whose highest bit is set.
Status SecretCipher::agree(const Bytes& peer) {
    if (peer.size() > 2 * group_bytes) return refused("its public key is none");
    const Number base(BN_bin2bn(peer.data(), static_cast<int>(peer.size()), nullptr));
    const Number exponent(
        BN_bin2bn(bytes_of(private_key_), static_cast<int>(private_key_.reveal().size()), nullptr));
    if (!base || !exponent || BN_num_bytes(base.get()) > static_cast<int>(group_bytes) ||
        BN_is_zero(base.get()) || BN_is_one(base.get()))
        return refused("its public key is none");
    auto shared = power(base.get(), exponent.get());
    if (!shared) return shared.error();
    const auto key = derive_key(Secret(std::move(*shared)));
    if (!key) return key.error();
    key_ = *key;
    return {};
}

Result<SecretCipher::Sealed> SecretCipher::seal(const Secret& plain) const {
    Sealed sealed;
    sealed.iv.resize(iv_bytes);
    const auto text = plain.reveal();
    sealed.text.resize(text.size() + iv_bytes);
    const CipherContext context(EVP_CIPHER_CTX_new());
    int size = 0, rest = 0;
    const bool done = context && RAND_bytes(sealed.iv.data(), iv_bytes) == 1 &&
                      EVP_EncryptInit_ex(context.get(), EVP_aes_128_cbc(), nullptr, bytes_of(key_),
                                         sealed.iv.data()) == 1 &&
                      EVP_EncryptUpdate(context.get(), sealed.text.data(), &size, bytes_of(plain),
                                        static_cast<int>(text.size())) == 1 &&
                      EVP_EncryptFinal_ex(context.get(), sealed.text.data() + size, &rest) == 1;
    if (!done) return refused("encryption failed");
    sealed.text.resize(static_cast<std::size_t>(size + rest));
    return sealed;
}

Result<Secret> SecretCipher::open(const Bytes& iv, const Bytes& text) const {
    const CipherContext context(EVP_CIPHER_CTX_new());
    std::string plain(text.size() + iv_bytes, '\0');
    auto* const out = reinterpret_cast<unsigned char*>(plain.data());
    int size = 0, rest = 0;
    const bool done = context && iv.size() == iv_bytes && !text.empty() &&
                      EVP_DecryptInit_ex(context.get(), EVP_aes_128_cbc(), nullptr, bytes_of(key_),
                                         iv.data()) == 1 &&
                      EVP_DecryptUpdate(context.get(), out, &size, text.data(),
                                        static_cast<int>(text.size())) == 1 &&
                      EVP_DecryptFinal_ex(context.get(), out + size, &rest) == 1;
    const std::size_t length = done ? static_cast<std::size_t>(size + rest) : 0;
    Secret secret(plain.substr(0, length));
    ::explicit_bzero(plain.data(), plain.size());
    if (!done) return refused("a secret that cannot be decrypted");
    return secret;
}

} // namespace agent::keyring
