#pragma once
// Who may pass: the checks that keep other pages in the same browser (DNS rebinding, CSRF) and
// other people on the same machine away from agent-console. No sockets: one request in, a refusal
// or nothing out. Called before anything else looks at a request.

#include "base/secret.hpp"
#include "console/serve/page.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace console {

class Gate {
  public:
    /// `entry` opens once, by "/?token=…", and is exchanged for the cookie, which opens from then
    /// on.
    Gate(std::uint16_t port, agent::Secret entry, agent::Secret cookie);

    /// The answer to a request that may not pass, or that pays its entry; nothing when it may pass.
    std::optional<HttpResponse> judge(const HttpRequest& request);

    const std::string& origin() const { return origin_; } ///< "http://127.0.0.1:PORT"

  private:
    bool holds_cookie(const HttpRequest& request) const;

    std::string host_;
    std::string origin_;
    std::string
        cookie_name_; ///< with the port: cookies know no ports, and two consoles may be open
    agent::Secret entry_;
    agent::Secret cookie_;
    bool entered_ = false;
};

/// A whole answer of plain text, with the security headers.
HttpResponse plain_answer(const HttpRequest& request, unsigned status, std::string_view text);

} // namespace console
