#include "agentctl/helpers/fit.hpp"

#include "base/printable.hpp"

#include <algorithm>

namespace agentctl::helpers {
namespace {

bool letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool only(std::string_view text, std::string_view others, std::size_t longest) {
    return !text.empty() && text.size() <= longest && text[0] != '-' &&
           std::ranges::all_of(text, [&](char c) {
               return letter_or_digit(c) || others.find(c) != std::string_view::npos;
           });
}

} // namespace

agent::Error cannot_collect(std::string why, std::string hint) {
    return agent::fail(agent::Errc::environment, agent::Hop::local,
                       "Failed to collect args: " + std::move(why), std::move(hint));
}

agent::Status fit_username(const std::string& name) {
    constexpr const char* other_way =
        "`agentctl connect` without a helper prints the credential, for you to use it.";
    if (name.empty()) return cannot_collect("the brokered user name is empty", other_way);
    if (name[0] == '-')
        return cannot_collect(
            "the brokered user name begins with '-', so a program could take it for an option",
            other_way);
    if (name.size() > longest_name)
        return cannot_collect("the brokered user name is longer than 256 bytes", other_way);
    if (agent::printable(name) != name)
        return cannot_collect("the brokered user name holds characters that cannot be shown",
                              other_way);
    return {};
}

agent::Status fit_secret(std::string_view secret, Lines lines) {
    if (secret.size() > longest_secret)
        return cannot_collect("the brokered secret is longer than 32 KiB");
    if (secret.find('\0') != std::string_view::npos)
        return cannot_collect("the brokered secret holds a zero byte");
    if (lines == Lines::refused && secret.find_first_of("\r\n") != std::string_view::npos)
        return cannot_collect("the brokered password holds a line break, which the program's file "
                              "has no way to write");
    return {};
}

bool plain_id(std::string_view id) {
    return only(id, "_-.:", longest_name);
}

bool plain_host(std::string_view host) {
    return only(host, "_-.", 253);
}

} // namespace agentctl::helpers
