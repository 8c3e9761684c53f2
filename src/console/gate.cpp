#include "console/gate.hpp"

namespace console {
namespace {

namespace http = boost::beast::http;

std::string_view view(boost::beast::string_view text) {
    return {text.data(), text.size()};
}

/// In a time that says nothing about where two texts of one length differ.
bool same(std::string_view a, std::string_view b) {
    if (a.size() != b.size() || a.empty()) return false;
    unsigned difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        difference |= static_cast<unsigned char>(a[i] ^ b[i]);
    return difference == 0;
}

bool reads_only(const HttpRequest& request) {
    return request.method() == http::verb::get || request.method() == http::verb::head;
}

constexpr const char* door =
    "This is somebody's own Boundary console.\n\n"
    "Run `agentctl console` and open the address that it prints. An address opens once.\n";

} // namespace

HttpResponse plain_answer(const HttpRequest& request, unsigned status, std::string_view text) {
    HttpResponse response(static_cast<http::status>(status), request.version() == 10 ? 10 : 11);
    add_security_headers(response);
    response.set(http::field::cache_control, "no-store");
    response.set(http::field::content_type, "text/plain; charset=utf-8");
    response.keep_alive(request.keep_alive());
    response.body() = text;
    response.prepare_payload();
    return response;
}

Gate::Gate(std::uint16_t port, agent::Secret entry, agent::Secret cookie)
    : host_("127.0.0.1:" + std::to_string(port)), origin_("http://" + host_),
      cookie_name_("agent_console_" + std::to_string(port)), entry_(std::move(entry)),
      cookie_(std::move(cookie)) {}

std::optional<HttpResponse> Gate::judge(const HttpRequest& request) {
    // A name that leads to 127.0.0.1 is another origin to the browser: only the address itself is
    // ours.
    if (request.count(http::field::host) != 1 || view(request[http::field::host]) != host_)
        return plain_answer(request, 421, "This host name does not lead here.\n");
    const auto target = view(request.target());
    if (!target.starts_with('/')) return plain_answer(request, 400, "This is no path.\n");
    const auto origin = view(request[http::field::origin]);
    const bool foreign = request.count(http::field::origin) > 0 && origin != origin_;
    const auto site = view(request["Sec-Fetch-Site"]);
    if (foreign || (!site.empty() && site != "same-origin" && site != "none") ||
        (!reads_only(request) &&
         origin.empty())) // browsers name the origin of whatever can change something
        return plain_answer(request, 403, "Other pages may not use this console.\n");

    constexpr std::string_view entrance = "/?token=";
    if (target.starts_with(entrance) && request.method() == http::verb::get) {
        const bool pays = !entered_ && same(target.substr(entrance.size()), entry_.reveal());
        if (!pays && !holds_cookie(request)) return plain_answer(request, 403, door);
        auto welcome = plain_answer(request, 303, "");
        welcome.set(http::field::location, "/");
        if (pays) {
            entered_ = true;
            welcome.set(http::field::set_cookie, cookie_name_ + "=" +
                                                     std::string(cookie_.reveal()) +
                                                     "; Path=/; HttpOnly; SameSite=Strict");
        }
        return welcome;
    }
    if (!holds_cookie(request)) return plain_answer(request, 403, door);
    return std::nullopt;
}

bool Gate::holds_cookie(const HttpRequest& request) const {
    auto cookies = view(request[http::field::cookie]);
    while (!cookies.empty()) {
        auto one = cookies.substr(0, cookies.find(';'));
        cookies.remove_prefix(std::min(one.size() + 1, cookies.size()));
        one.remove_prefix(std::min(one.find_first_not_of(' '), one.size()));
        if (!one.starts_with(cookie_name_ + "=")) continue;
        if (same(one.substr(cookie_name_.size() + 1), cookie_.reveal())) return true;
    }
    return false;
}

} // namespace console
