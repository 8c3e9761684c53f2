#include "console/serve/page.hpp"

#include <algorithm>

namespace console {
namespace {

namespace http = boost::beast::http;

std::string_view text(boost::beast::string_view view) {
    return {view.data(), view.size()};
}

/// "gzip" among the codings that the header names, unless with q=0.
bool takes_gzip(std::string_view header) {
    while (!header.empty()) {
        auto coding = header.substr(0, header.find(','));
        header.remove_prefix(std::min(coding.size() + 1, header.size()));
        coding.remove_prefix(std::min(coding.find_first_not_of(" \t"), coding.size()));
        if (!coding.starts_with("gzip")) continue;
        coding.remove_prefix(4);
        const auto q = coding.find("q=");
        return q == coding.npos ? coding.find_first_not_of(" \t;") == coding.npos
                                : coding.find_first_of("123456789", q) != coding.npos;
    }
    return false;
}

bool names(std::string_view if_none_match, std::string_view etag) {
    return if_none_match == "*" || if_none_match.find(etag) != if_none_match.npos;
}

} // namespace

void add_security_headers(HttpResponse& response) {
    response.set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src "
                                            "'self'; img-src 'self'; connect-src 'self'; "
                                            "base-uri 'none'; form-action 'none'; frame-ancestors "
                                            "'none'; require-trusted-types-for 'script'");
    response.set("X-Content-Type-Options", "nosniff");
    response.set("X-Frame-Options", "DENY");
    response.set("Referrer-Policy", "no-referrer");
    response.set("Cross-Origin-Opener-Policy", "same-origin");
    response.set("Cross-Origin-Resource-Policy", "same-origin");
    response.set("Permissions-Policy", "camera=(), geolocation=(), microphone=()");
}

std::optional<HttpResponse> serve_page(const HttpRequest& request) {
    if (request.method() != http::verb::get && request.method() != http::verb::head)
        return std::nullopt;
    auto path = text(request.target());
    path = path.substr(0, path.find('?'));
    const auto files = page_files();
    const auto file = std::ranges::find(files, path == "/index.html" ? "/" : path, &PageFile::path);
    if (file == files.end()) return std::nullopt;

    HttpResponse response(http::status::ok, request.version());
    add_security_headers(response);
    response.set(http::field::etag, {file->etag.data(), file->etag.size()});
    response.set(http::field::cache_control, "no-cache"); // kept, but asked for again by its ETag
    response.set(http::field::vary, "Accept-Encoding");
    response.keep_alive(request.keep_alive());
    if (names(text(request[http::field::if_none_match]), file->etag)) {
        response.result(http::status::not_modified);
        return response;
    }
    response.set(http::field::content_type, {file->type.data(), file->type.size()});
    const bool packed = takes_gzip(text(request[http::field::accept_encoding]));
    if (packed) response.set(http::field::content_encoding, "gzip");
    const auto body = packed ? file->gzip : file->plain;
    if (request.method() == http::verb::head)
        response.content_length(body.size());
    else
        response.body() = body;
    if (request.method() != http::verb::head) response.prepare_payload();
    return response;
}

} // namespace console
