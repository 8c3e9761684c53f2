#include "keyring/kernel.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string.h>

#include <keyutils.h>
#include <unistd.h>

namespace agent::keyring {
namespace {

constexpr const char* type = "user";
// Whoever possesses it, and its owner: an earlier agentd of ours may have had it in another way.
constexpr key_perm_t owner_only = KEY_POS_ALL | KEY_USR_ALL;

Error key_refused(const char* what, int number) {
    return fail_errno(Errc::keyring_failed, Hop::login, std::string("kernel keyring: ") + what,
                      number, "log in without storing, or use a token: -token env://NAME");
}

bool absent(int number) {
    return number == ENOKEY || number == EKEYEXPIRED || number == EKEYREVOKED;
}

/// The user keyring of the system. In a user namespace of our own (agentd.service has one) @u is an
/// empty keyring that ends with the namespace; the real one is linked into the session keyring then
/// (KeyringMode=shared), by its name.
key_serial_t user_keyring() {
    const std::string name = "_uid." + std::to_string(::geteuid());
    const auto linked = ::keyctl_search(KEY_SPEC_SESSION_KEYRING, "keyring", name.c_str(), 0);
    const auto keyring = linked > 0 ? static_cast<key_serial_t>(linked) : KEY_SPEC_USER_KEYRING;
    // A key is ours to read and change if a keyring of this process leads to it. The session's
    // mostly does, but not inside `keyctl session`, not where su or sudo left somebody else's, and
    // no longer after a logout, which revokes it (pam_keyinit): the process's own does, always.
    // Once more does no harm, and holds after a fork.
    ::keyctl_link(keyring, KEY_SPEC_PROCESS_KEYRING);
    return keyring;
}

key_serial_t find(const std::string& description) {
    return static_cast<key_serial_t>(::keyctl_search(user_keyring(), type, description.c_str(), 0));
}

} // namespace

std::string KernelKeyring::prefix_for(std::string_view kind) {
    const char* apart = std::getenv("AGENTD_KEYRING_PREFIX");
    return (apart == nullptr ? "" : apart) + ("agentd:" + std::string(kind) + ":");
}

Status KernelKeyring::probe() {
    const Key key{"probe", std::to_string(::getpid())};
    const Secret value("works");
    auto stored = store(key, value, std::nullopt);
    if (!stored) return stored;
    const auto loaded = load(key);
    const auto removed = remove(key);
    if (!loaded) return loaded.error();
    if (!removed) return removed.error();
    if (!loaded->has_value() || !(**loaded == value))
        return fail(Errc::keyring_failed, Hop::login,
                    "kernel keyring: a stored key cannot be read back");
    return {};
}

Status KernelKeyring::store(const Key& key, const Secret& value, std::optional<WallTime> expires) {
    const std::string description = describe(key);
    const auto bytes = value.reveal();
    const key_serial_t serial =
        ::add_key(type, description.c_str(), bytes.data(), bytes.size(), user_keyring());
    if (serial < 0) return key_refused("store", errno);
    if (::keyctl_setperm(serial, owner_only) != 0) {
        const int number = errno;
        ::keyctl_unlink(serial, user_keyring());
        return key_refused("set permissions", number);
    }
    unsigned seconds = 0; // none
    if (expires) {
        const auto left =
            std::chrono::duration_cast<std::chrono::seconds>(*expires - wall_now()).count();
        constexpr std::int64_t longest = 1'000'000'000; // 31 years
        seconds = static_cast<unsigned>(std::clamp<std::int64_t>(left, 1, longest));
    }
    if (::keyctl_set_timeout(serial, seconds) != 0) return key_refused("set expiry", errno);
    return {};
}

Result<std::optional<Secret>> KernelKeyring::load(const Key& key) {
    const key_serial_t serial = find(describe(key));
    if (serial < 0 && absent(errno)) return std::optional<Secret>();
    if (serial < 0) return key_refused("search", errno);
    void* bytes = nullptr;
    const long size = ::keyctl_read_alloc(serial, &bytes);
    if (size < 0) return key_refused("read", errno);
    std::string text(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
    ::explicit_bzero(bytes, static_cast<std::size_t>(size));
    std::free(bytes);
    std::optional<Secret> secret(Secret(std::move(text)));
    return secret;
}

Result<bool> KernelKeyring::remove(const Key& key) {
    const key_serial_t serial = find(describe(key));
    if (serial < 0 && absent(errno)) return false;
    if (serial < 0) return key_refused("search", errno);
    if (::keyctl_unlink(serial, user_keyring()) != 0) return key_refused("remove", errno);
    ::keyctl_revoke(serial); // whoever else holds a link; gone is as good
    return true;
}

std::vector<Key> KernelKeyring::list() {
    std::vector<Key> keys;
    void* serials = nullptr;
    const long size = ::keyctl_read_alloc(user_keyring(), &serials);
    if (size < 0) return keys;
    for (long at = 0; at + static_cast<long>(sizeof(key_serial_t)) <= size;
         at += sizeof(key_serial_t)) {
        key_serial_t serial = 0;
        std::memcpy(&serial, static_cast<const char*>(serials) + at, sizeof serial);
        char* text = nullptr; // "type;uid;gid;permissions;description"
        if (::keyctl_describe_alloc(serial, &text) < 0) continue;
        std::string description(text);
        std::free(text);
        if (!description.starts_with(std::string(type) + ";")) continue;
        std::size_t begin = 0; // of what is behind the fourth sign: it may hold such signs itself
        for (int field = 0; field < 4 && begin != std::string::npos; ++field)
            begin = description.find(';', begin + 1);
        if (begin == std::string::npos ||
            description.compare(begin + 1, prefix_.size(), prefix_) != 0)
            continue;
        description.erase(0, begin + 1 + prefix_.size());
        const std::size_t sign = description.find('@');
        if (sign != std::string::npos)
            keys.push_back({description.substr(sign + 1), description.substr(0, sign)});
    }
    std::free(serials);
    return keys;
}

} // namespace agent::keyring
