#include "controller/connection.hpp"

#include "async/with_timeout.hpp"
#include "controller/listener_check.hpp"
#include "controller/stream_connection.hpp"
#include "net/resolve.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/this_coro.hpp>

#include <fmt/ranges.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace agent::controller {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Local = asio::local::stream_protocol;
using TlsStream = asio::ssl::stream<tcp::socket>;
using namespace std::chrono_literals;

constexpr auto dial_timeout = 15s;
constexpr auto tls_timeout = 15s;

Error unreachable(const std::string& what, const boost::system::error_code& ec) {
    const bool systems = ec.category() == boost::system::system_category();
    const std::string lacks =
        systems ? errno_hint(ec.value()) : ""; // this machine's fault, not the address's
    return fail(Errc::controller_unreachable, Hop::controller, what + ": " + reason(ec),
                lacks.empty()
                    ? "is the controller running at this address? set -addr or BOUNDARY_ADDR"
                    : lacks);
}

awaitable<Result<tcp::socket>> dial_tcp(const ClusterSettings& settings) {
    const auto executor = co_await asio::this_coro::executor;
    const auto found = co_await net::resolver().resolve(
        settings.host, std::chrono::steady_clock::now() + dial_timeout);
    if (!found)
        co_return fail(Errc::controller_unreachable, Hop::controller,
                       "look up " + settings.host + ": " + lowered(found.error().message),
                       found.error().hint);
    const auto port =
        static_cast<std::uint16_t>(std::stoi(settings.port)); // settings_for checked it
    boost::system::error_code last = asio::error::host_not_found;
    for (const auto& address : *found) {
        tcp::socket socket(executor);
        const tcp::endpoint endpoint(address, port);
        const auto [ec] = co_await socket.async_connect(endpoint, async::token);
        if (!ec) {
            boost::system::error_code ignored;
            socket.set_option(tcp::no_delay(true), ignored);
            co_return std::move(socket);
        }
        last = ec;
    }
    co_return unreachable("dial " + authority(settings), last);
}

awaitable<boost::system::error_code> shake_hands(TlsStream& stream) {
    const auto [ec] = co_await stream.async_handshake(TlsStream::client, async::token);
    co_return ec;
}

/// Verifies the chain and the name, and remembers which certificate was presented.
class Verification {
  public:
    Verification(const std::string& name, std::shared_ptr<std::string> fingerprint)
        : verify_(name), fingerprint_(std::move(fingerprint)) {}
    bool operator()(bool chain_ok, asio::ssl::verify_context& context) const {
        unsigned char digest[EVP_MAX_MD_SIZE];
        unsigned size = 0;
        const X509* const leaf = X509_STORE_CTX_get0_cert(context.native_handle());
        if (leaf != nullptr && X509_digest(leaf, EVP_sha256(), digest, &size) == 1)
            *fingerprint_ = fmt::format("{:02X}", fmt::join(digest, digest + size, ":"));
        return verify_(chain_ok, context);
    }

  private:
    asio::ssl::host_name_verification verify_;
    std::shared_ptr<std::string> fingerprint_;
};

Error tls_refused(const ClusterSettings& settings, TlsStream& stream,
                  const std::string& fingerprint, const boost::system::error_code& ec) {
    const long verdict = SSL_get_verify_result(stream.native_handle());
    if (verdict != X509_V_OK)
        return fail(Errc::controller_unreachable, Hop::controller,
                    "TLS to " + authority(settings) +
                        ": certificate not trusted: " + X509_verify_cert_error_string(verdict) +
                        (fingerprint.empty() ? "" : "; its SHA-256 fingerprint is " + fingerprint),
                    "ask whoever runs the cluster whether this is its certificate; then name its "
                    "authority with -ca-cert "
                    "or BOUNDARY_CACERT, its name with -tls-server-name");
    return fail(Errc::controller_unreachable, Hop::controller,
                "TLS to " + authority(settings) + ": " + reason(ec),
                "does this address speak https?");
}

// Tickets and new keys cost us work and the controller next to nothing, and bring no byte of an
// answer: after many the stream ends. OpenSSL gives the callback its argument, in which they are
// counted.
void count_handshakes(int written, int, int content, const void*, std::size_t, SSL* tls,
                      void* count) {
    if (written != 0 || content != SSL3_RT_HANDSHAKE) return;
    const auto seen = reinterpret_cast<std::uintptr_t>(count) + 1;
    SSL_set_msg_callback_arg(tls, reinterpret_cast<void*>(seen));
    if (seen > max_handshakes) SSL_set_shutdown(tls, SSL_RECEIVED_SHUTDOWN | SSL_SENT_SHUTDOWN);
}

awaitable<Result<std::unique_ptr<Connection>>>
open_tls(const ClusterSettings& settings, tcp::socket socket, asio::ssl::context& tls) {
    TlsStream stream(std::move(socket), tls);
    SSL_set_msg_callback(stream.native_handle(), count_handshakes);
    const std::string& name =
        settings.tls_server_name.empty() ? settings.host : settings.tls_server_name;
    boost::system::error_code not_ip;
    asio::ip::make_address(name, not_ip);
    if (not_ip) SSL_set_tlsext_host_name(stream.native_handle(), name.c_str());
    const auto fingerprint = std::make_shared<std::string>();
    if (!settings.tls_insecure) stream.set_verify_callback(Verification(name, fingerprint));
    const auto shaken = co_await async::with_timeout(shake_hands(stream), tls_timeout);
    if (!shaken)
        co_return fail(Errc::controller_unreachable, Hop::controller,
                       "TLS to " + authority(settings) + ": no answer in 15 s");
    if (*shaken) co_return tls_refused(settings, stream, *fingerprint, *shaken);
    std::unique_ptr<Connection> connection =
        std::make_unique<StreamConnection<TlsStream>>(std::move(stream));
    co_return std::move(connection);
}

} // namespace

std::string reason(const boost::system::error_code& ec) {
    return lowered(ec.message());
}

awaitable<Result<std::unique_ptr<Connection>>> open_connection(const ClusterSettings& settings,
                                                               asio::ssl::context* tls) {
    const ListenerCheck listener(settings);
    if (!settings.unix_path.empty()) {
        if (settings.unix_path.size() >= 108)
            co_return fail(Errc::invalid_argument, Hop::local,
                           "the socket's path is too long: " + settings.unix_path);
        Local::socket socket(co_await asio::this_coro::executor);
        const Local::endpoint endpoint(settings.unix_path);
        const auto [ec] = co_await socket.async_connect(endpoint, async::token);
        if (ec) co_return unreachable("dial " + settings.unix_path, ec);
        if (const auto trusted = listener.weigh_unix(socket.native_handle()); !trusted)
            co_return trusted.error();
        std::unique_ptr<Connection> connection =
            std::make_unique<StreamConnection<Local::socket>>(std::move(socket));
        co_return std::move(connection);
    }
    auto dialled = co_await async::with_timeout(dial_tcp(settings), dial_timeout);
    if (!dialled) {
        const boost::system::error_code late = asio::error::timed_out;
        co_return unreachable("dial " + authority(settings), late);
    }
    if (!*dialled) co_return dialled->error();
    if (const auto trusted = listener.weigh(**dialled); !trusted) co_return trusted.error();
    if (tls != nullptr) co_return co_await open_tls(settings, std::move(**dialled), *tls);
    std::unique_ptr<Connection> connection =
        std::make_unique<StreamConnection<tcp::socket>>(std::move(**dialled));
    co_return std::move(connection);
}

Result<std::unique_ptr<asio::ssl::context>> make_tls_context(const ClusterSettings& settings) {
    auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_client);
    SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
    SSL_CTX_set_options(context->native_handle(), SSL_OP_NO_RENEGOTIATION);
    const auto refused = [](const std::string& path, const boost::system::error_code& ec) {
        return fail(Errc::invalid_argument, Hop::local, path + ": " + reason(ec),
                    "it must be a readable PEM file");
    };
    if (settings.tls_insecure)
        context->set_verify_mode(asio::ssl::verify_none);
    else
        context->set_verify_mode(asio::ssl::verify_peer);
    boost::system::error_code ec;
    if (settings.ca_cert.empty() && settings.ca_path.empty()) context->set_default_verify_paths(ec);
    if (!settings.ca_cert.empty()) context->load_verify_file(settings.ca_cert, ec);
    if (ec) return refused(settings.ca_cert, ec);
    if (!settings.ca_path.empty()) context->add_verify_path(settings.ca_path, ec);
    if (ec) return refused(settings.ca_path, ec);
    if (!settings.client_cert.empty())
        context->use_certificate_chain_file(settings.client_cert, ec);
    if (ec) return refused(settings.client_cert, ec);
    if (!settings.client_key.empty())
        context->use_private_key_file(settings.client_key, asio::ssl::context::pem, ec);
    if (ec) return refused(settings.client_key, ec);
    return context;
}

} // namespace agent::controller
