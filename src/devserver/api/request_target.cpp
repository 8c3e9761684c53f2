#include "devserver/api/request_target.hpp"

#include <optional>

namespace devserver {
namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%') {
            if (i + 2 >= text.size()) return std::nullopt;
            const int high = hex_digit(text[i + 1]);
            const int low = hex_digit(text[i + 2]);
            if (high < 0 || low < 0) return std::nullopt;
            out += static_cast<char>(high * 16 + low);
            i += 2;
        } else {
            out += plus_is_space && text[i] == '+' ? ' ' : text[i];
        }
    }
    return out;
}

agent::Error broken(const char* what) {
    return agent::fail(agent::Errc::invalid_argument, agent::Hop::controller, what);
}

} // namespace

agent::Result<RequestTarget> parse_request_target(std::string_view target) {
    RequestTarget parsed;
    const auto question = target.find('?');
    std::string_view path = target.substr(0, question);
    constexpr std::string_view root = "/v1/";
    parsed.v1 = path.starts_with(root);
    if (parsed.v1) {
        path.remove_prefix(root.size());
        const auto slash = path.find('/');
        const bool of_collection = slash == std::string_view::npos;
        std::string_view last = of_collection ? path : path.substr(slash + 1);
        // "workers:create:worker-led" has two colons, an item's name may have more
        const auto colon = of_collection ? last.find(':') : last.rfind(':');
        if (colon != std::string_view::npos) {
            parsed.action = std::string(last.substr(colon + 1));
            last = last.substr(0, colon);
        }
        // a target that is named instead of given by its id may have slashes in its name
        if (last.find('/') != std::string_view::npos && parsed.action != "authorize-session")
            return broken("no such path");
        const auto element = percent_decode(last, false);
        if (!element) return broken("broken percent encoding in the path");
        if (of_collection) {
            parsed.collection = *element;
        } else {
            parsed.collection = std::string(path.substr(0, slash));
            parsed.id = *element;
        }
    }
    if (question == std::string_view::npos) return parsed;
    std::string_view query = target.substr(question + 1);
    while (!query.empty()) {
        const auto end = query.find('&');
        const std::string_view pair = query.substr(0, end);
        query = end == std::string_view::npos ? std::string_view{} : query.substr(end + 1);
        if (pair.empty()) continue;
        const auto equals = pair.find('=');
        const auto name = percent_decode(pair.substr(0, equals), true);
        const auto value = percent_decode(
            equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1), true);
        if (!name || !value) return broken("broken percent encoding in the query");
        if (!parsed.query.emplace(*name, *value).second)
            return broken("a query parameter is given twice");
    }
    return parsed;
}

} // namespace devserver
