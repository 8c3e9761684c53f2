#pragma once
// Logins in a file, only when asked for. Each is sealed with AES-256-GCM; the key is not in the
// file: it comes from a systemd credential, or is kept in the kernel's keyring. README.md says what
// that protects. Never waits.

#include "keyring/keyring.hpp"

#include <map>

namespace agent::keyring {

class FileKeyring {
  public:
    static constexpr std::string_view kind = "file";

    explicit FileKeyring(std::string path) : path_(std::move(path)) {}

    Status store(const Key& key, const Secret& value, std::optional<WallTime> expires);
    Result<std::optional<Secret>> load(const Key& key);
    Result<bool> remove(const Key& key);
    Result<std::vector<Key>> list();

  private:
    struct Sealed {
        std::string nonce, text; ///< base64
    };
    using Entries = std::map<Key, Sealed>;
    Result<Entries> read() const;
    Status write(const Entries& entries) const;
    std::string path_;
};

} // namespace agent::keyring
