#pragma once
// The console's page, held in the program: which file a path is, and the HTTP answer for it with
// the headers that keep the page to itself. The dev server and agent-console send what this makes;
// it opens no file and no socket.

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include <optional>
#include <span>
#include <string_view>

namespace console {

using HttpRequest = boost::beast::http::request<boost::beast::http::string_body>;
using HttpResponse = boost::beast::http::response<boost::beast::http::string_body>;

struct PageFile {
    std::string_view path; ///< "/" or "/console.js"
    std::string_view type;
    std::string_view etag; ///< with its quotes
    std::string_view plain;
    std::string_view gzip;
};

/// What src/console/dist held when this was built.
std::span<const PageFile> page_files();

/// The answer to a GET or HEAD of one of the files; nothing when the target is none of them. A path
/// is compared, never opened, so there is nothing to climb out of.
std::optional<HttpResponse> serve_page(const HttpRequest& request);

/// No scripts but the page's own files, no frames around it, no guessing of types, no referrer.
void add_security_headers(HttpResponse& response);

} // namespace console
