#include "keyring/reference.hpp"

#include "base/base64.hpp"
#include "base/json.hpp"
#include "keyring/secret_output.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace agent::keyring {
namespace {

Error damaged() {
    return fail(Errc::keyring_failed, Hop::login,
                "the login that Boundary's command stored cannot be read",
                "log in: agentctl login");
}

/// A name that is one file's name and no option.
bool plain(const std::string& name) {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '.' || c == '-';
    };
    return !name.empty() && name.size() <= 128 && name[0] != '-' && name[0] != '.' &&
           std::ranges::all_of(name, fits);
}

std::string store_folder() {
    if (const char* folder = std::getenv("PASSWORD_STORE_DIR"); folder != nullptr && *folder == '/')
        return folder;
    const char* home = std::getenv("HOME");
    return home == nullptr ? std::string() : std::string(home) + "/.password-store";
}

} // namespace

// Item {"Data": base64 of the value}; the value: base64 without padding of the auth token object.
Result<Secret> decode_reference_item(std::string_view item) {
    const auto json = parse_json(item);
    if (!json) return damaged();
    const auto value = base64_decode(string_member(*json, "Data"));
    if (!value) return damaged();
    auto object = base64_decode(*value);
    if (!object) return damaged();
    const auto token = parse_json(*object);
    if (!token || !string_member(*token, "token").starts_with("at_")) return damaged();
    return Secret(std::move(*object));
}

awaitable<Result<std::optional<Secret>>> read_pass(std::string token_name,
                                                   std::chrono::milliseconds limit) {
    const std::string entry = "HashiCorp_Boundary/" + token_name;
    std::error_code ignored;
    if (!plain(token_name) ||
        !std::filesystem::exists(store_folder() + "/" + entry + ".gpg", ignored))
        co_return std::optional<Secret>();
    std::vector<std::string> command{"pass", "show", entry};
    const auto shown = co_await secret_output(std::move(command), limit);
    if (!shown) co_return shown.error();
    auto object = decode_reference_item(shown->reveal());
    if (!object) co_return object.error();
    co_return std::optional<Secret>(std::move(*object));
}

awaitable<Result<std::optional<Secret>>> read_profile(SecretService& service,
                                                      std::string token_name) {
    SecretService::Attributes attributes{{"profile", token_name}};
    const auto item = co_await service.find(std::move(attributes), false);
    if (!item) co_return item.error();
    if (!item->has_value()) co_return std::optional<Secret>();
    auto object = decode_reference_item((*item)->reveal());
    if (!object) co_return object.error();
    co_return std::optional<Secret>(std::move(*object));
}

} // namespace agent::keyring
