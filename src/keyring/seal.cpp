#include "keyring/seal.hpp"

#include "base/owned.hpp"
#include "keyring/kernel.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

namespace agent::keyring {
namespace {

constexpr std::size_t key_bytes = 32, nonce_bytes = 12, tag_bytes = 16;

using Context = Owned<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;

const unsigned char* bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}

Error failed(std::string what) {
    return fail(Errc::keyring_failed, Hop::login, "keyring file: " + std::move(what),
                "log in again, or keep logins elsewhere: agentctl keyring");
}

// Any length: a passphrase in a credential is as welcome as 32 random bytes.
Result<Secret> key_from(std::string_view material) {
    std::string key(key_bytes, '\0');
    unsigned size = 0;
    if (EVP_Digest(material.data(), material.size(), bytes(key), &size, EVP_sha256(), nullptr) != 1)
        return failed("no digest");
    return Secret(std::move(key));
}

} // namespace

Result<SealedText> seal(const Secret& key, const Secret& plain, std::string_view about) {
    SealedText sealed;
    sealed.nonce.resize(nonce_bytes);
    const auto text = plain.reveal();
    sealed.text.resize(text.size() + tag_bytes);
    const Context context(EVP_CIPHER_CTX_new());
    int size = 0, rest = 0, ignored = 0;
    const bool done = context && RAND_bytes(bytes(sealed.nonce), nonce_bytes) == 1 &&
                      EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr,
                                         bytes(key.reveal()), bytes(sealed.nonce)) == 1 &&
                      EVP_EncryptUpdate(context.get(), nullptr, &ignored, bytes(about),
                                        static_cast<int>(about.size())) == 1 &&
                      EVP_EncryptUpdate(context.get(), bytes(sealed.text), &size, bytes(text),
                                        static_cast<int>(text.size())) == 1 &&
                      EVP_EncryptFinal_ex(context.get(), bytes(sealed.text) + size, &rest) == 1 &&
                      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, tag_bytes,
                                          bytes(sealed.text) + text.size()) == 1;
    if (!done) return failed("encryption failed");
    return sealed;
}

Result<Secret> unseal(const Secret& key, const SealedText& sealed, std::string_view about) {
    if (sealed.nonce.size() != nonce_bytes || sealed.text.size() < tag_bytes)
        return failed("an entry is damaged");
    const std::string_view text =
        std::string_view(sealed.text).substr(0, sealed.text.size() - tag_bytes);
    std::string tag = sealed.text.substr(text.size()), plain(text.size() + tag_bytes, '\0');
    const Context context(EVP_CIPHER_CTX_new());
    int size = 0, rest = 0, ignored = 0;
    const bool done =
        context &&
        EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes(key.reveal()),
                           bytes(sealed.nonce)) == 1 &&
        EVP_DecryptUpdate(context.get(), nullptr, &ignored, bytes(about),
                          static_cast<int>(about.size())) == 1 &&
        EVP_DecryptUpdate(context.get(), bytes(plain), &size, bytes(text),
                          static_cast<int>(text.size())) == 1 &&
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, tag_bytes, bytes(tag)) == 1 &&
        EVP_DecryptFinal_ex(context.get(), bytes(plain) + size, &rest) == 1;
    Secret secret(plain.substr(0, done ? static_cast<std::size_t>(size + rest) : 0));
    ::explicit_bzero(plain.data(), plain.size());
    if (!done) return failed("an entry was sealed with another key, or changed");
    return secret;
}

Result<Secret> sealing_key(bool make) {
    if (const char* folder = std::getenv("CREDENTIALS_DIRECTORY"); folder != nullptr) {
        std::ifstream in(std::string(folder) + "/agentd-keyring", std::ios::binary);
        std::string material{std::istreambuf_iterator<char>(in), {}};
        if (!material.empty()) {
            auto key = key_from(material);
            ::explicit_bzero(material.data(), material.size());
            return key;
        }
    }
    KernelKeyring kernel(KernelKeyring::prefix_for("file-key"));
    const Key name{"logins.sealed", "key"};
    auto kept = kernel.load(name);
    if (!kept) return kept.error();
    if (*kept) return std::move(**kept);
    if (!make) return Secret();
    std::string random(key_bytes, '\0');
    if (RAND_priv_bytes(bytes(random), key_bytes) != 1) return failed("no random numbers");
    Secret key(std::move(random));
    const auto stored = kernel.store(name, key, std::nullopt);
    if (!stored) return stored.error();
    return key;
}

} // namespace agent::keyring
