#include "keyring/file.hpp"

#include "base/base64.hpp"
#include "base/json.hpp"
#include "base/replace_file.hpp"
#include "base/unique_fd.hpp"
#include "keyring/seal.hpp"

#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace agent::keyring {
namespace {

constexpr std::size_t max_bytes = 1U << 20U;
constexpr const char* elsewhere = "agentctl keyring shows where else logins can be kept";

std::string about(const Key& key) {
    return "agentd login\n" + key.address + "\n" + key.token_name;
}

Error file_refused(const std::string& what, int number) {
    return fail_errno(Errc::keyring_failed, Hop::login, what, number, elsewhere);
}

} // namespace

Status FileKeyring::store(const Key& key, const Secret& value, std::optional<WallTime>) {
    auto entries = read();
    if (!entries) return entries.error();
    const auto sealing = sealing_key(true);
    if (!sealing) return sealing.error();
    const auto sealed = seal(*sealing, value, about(key));
    if (!sealed) return sealed.error();
    (*entries)[key] = Sealed{base64_encode(sealed->nonce, true), base64_encode(sealed->text, true)};
    return write(*entries);
}

Result<std::optional<Secret>> FileKeyring::load(const Key& key) {
    const auto entries = read();
    if (!entries) return entries.error();
    const auto found = entries->find(key);
    if (found == entries->end()) return std::optional<Secret>();
    const auto sealing = sealing_key(false);
    if (!sealing) return sealing.error();
    if (sealing->empty())
        return fail(Errc::keyring_failed, Hop::login,
                    path_ + ": its key is gone from the kernel's keyring, as after a reboot",
                    "log in again");
    const auto nonce = base64_decode(found->second.nonce), text = base64_decode(found->second.text);
    if (!nonce || !text)
        return fail(Errc::keyring_failed, Hop::login, path_ + ": an entry is damaged",
                    "log in again");
    auto plain = unseal(*sealing, SealedText{*nonce, *text}, about(key));
    if (!plain) return plain.error();
    return std::optional<Secret>(std::move(*plain));
}

Result<bool> FileKeyring::remove(const Key& key) {
    auto entries = read();
    if (!entries) return entries.error();
    if (entries->erase(key) == 0) return false;
    const auto written = write(*entries);
    if (!written) return written.error();
    return true;
}

Result<std::vector<Key>> FileKeyring::list() {
    const auto entries = read();
    if (!entries) return entries.error();
    std::vector<Key> keys;
    for (const auto& [key, sealed] : *entries) keys.push_back(key);
    return keys;
}

Result<FileKeyring::Entries> FileKeyring::read() const {
    const UniqueFd file(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!file && errno == ENOENT) return Entries();
    if (!file) return file_refused(path_, errno);
    struct stat about_it{};
    if (::fstat(file.get(), &about_it) != 0) return file_refused(path_, errno);
    if (about_it.st_uid != ::getuid() || (about_it.st_mode & 077) != 0)
        return fail(Errc::keyring_failed, Hop::login, path_ + " is not only yours",
                    "chmod 600 " + path_);
    std::string text;
    char buffer[4096];
    for (ssize_t n = 0;
         (n = ::read(file.get(), buffer, sizeof buffer)) > 0 && text.size() < max_bytes;)
        text.append(buffer, static_cast<std::size_t>(n));
    const auto json = parse_json(text);
    const Json* logins = json ? find_member(*json, "logins") : nullptr;
    if (logins == nullptr || !logins->is_array())
        return fail(Errc::keyring_failed, Hop::login, path_ + " is damaged",
                    "move it away and log in again");
    Entries entries;
    for (const Json& one : *logins)
        entries[{string_member(one, "address"), string_member(one, "token_name")}] =
            Sealed{string_member(one, "nonce"), string_member(one, "sealed")};
    return entries;
}

Status FileKeyring::write(const Entries& entries) const {
    Json logins = Json::array();
    for (const auto& [key, sealed] : entries) {
        Json one = Json::object();
        one["address"] = key.address;
        one["token_name"] = key.token_name;
        one["nonce"] = sealed.nonce;
        one["sealed"] = sealed.text;
        logins.push_back(std::move(one));
    }
    Json json = Json::object();
    json["version"] = 1;
    json["logins"] = std::move(logins);
    const auto written = replace_file(path_, dump_json(json) + "\n");
    if (!written) return fail(Errc::keyring_failed, Hop::login, written.error().message, elsewhere);
    return {};
}

} // namespace agent::keyring
