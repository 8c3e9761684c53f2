#pragma once
// BlockingClient: a worker's client that shares no line with the product: plain sockets and OpenSSL
// calls that block, its own masking and frame reading. Every read has a limit of ten seconds; what
// fails throws Broken.

#include "base/secret.hpp"
#include "net/openssl.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>

namespace devserver::test {

class Broken : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct ClientOptions {
    std::string certificate_der; ///< empty: present none
    agent::Secret private_key;
    std::string alpn; ///< wire list; empty: no ALPN
    std::string server_name;
    bool tls12 = false;
};

struct Frame {
    int opcode = 0;
    std::string payload;
    int code() const {
        return payload.size() < 2 ? 0 : (payload[0] & 255) << 8 | (payload[1] & 255);
    }
    std::string reason() const { return payload.size() < 2 ? "" : payload.substr(2); }
};

class BlockingClient {
  public:
    /// TCP and TLS.
    BlockingClient(std::uint16_t port, const ClientOptions& options);
    BlockingClient(const BlockingClient&) = delete;
    BlockingClient& operator=(const BlockingClient&) = delete;
    ~BlockingClient();

    std::string peer_certificate_der() const;
    std::string chosen_alpn() const;
    std::string tls_version() const { return SSL_get_version(ssl_.get()); }

    void send(const std::string& bytes);
    std::string read_head();             ///< an HTTP head; what follows stays
    std::string read(std::size_t count); ///< exactly so many bytes
    Frame read_frame();
    /// Messages' payloads until so many bytes are there.
    std::string read_payload(std::size_t count);
    /// True when the stream ends (TLS close or FIN) with nothing before it; throws on reset.
    bool at_end();

    static std::string request(const std::string& path = "/v1/proxy");
    static std::string frame(const std::string& payload, int opcode = 2, bool final = true);
    static std::string unmasked_frame(const std::string& payload, int opcode = 2);
    static std::string close_frame(int code);
    static std::string open(const std::string& tofu);
    static std::string cancel(const std::string& tofu);

  private:
    bool more();

    int socket_ = -1;
    agent::Owned<SSL_CTX, SSL_CTX_free> context_;
    agent::Owned<SSL, SSL_free> ssl_;
    std::string buffer_;
};

} // namespace devserver::test
