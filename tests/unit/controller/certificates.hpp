#pragma once
// An authority of the test's own and certificates of it, as PEM files; and a TLS server that
// presents one.

#include "base/owned.hpp"
#include "support/loopback_server.hpp"
#include "support/temp_dir.hpp"

#include <openssl/ssl.h>

#include <functional>
#include <memory>
#include <string>

namespace agent::test {

struct Certificate {
    std::string names;  ///< "DNS:localhost,IP:127.0.0.1"
    int days_from = -1; ///< from today
    int days_to = 1;
    const char* common_name = "test";
};

class Authority {
  public:
    explicit Authority(const TempDir& folder, const std::string& name = "authority");
    std::string file() const { return file_; }
    /// A context that presents a certificate of this authority.
    std::shared_ptr<SSL_CTX> issue(const Certificate& wanted) const;

  private:
    std::string file_;
    std::shared_ptr<EVP_PKEY> key_;
    std::shared_ptr<X509> certificate_;
};

/// What LoopbackServer runs for each connection: shakes hands, then `serve`.
std::function<void(int)> serve_tls(std::shared_ptr<SSL_CTX> context,
                                   std::function<void(SSL*)> serve);

} // namespace agent::test
