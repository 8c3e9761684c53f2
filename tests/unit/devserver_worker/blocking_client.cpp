#include "blocking_client.hpp"

#include <openssl/err.h>
#include <openssl/x509.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace devserver::test {
namespace {

[[noreturn]] void broken(const std::string& doing) {
    const auto problem = ERR_get_error();
    ERR_clear_error();
    const char* why = problem ? ERR_reason_error_string(problem) : std::strerror(errno);
    throw Broken(
        doing + ": " +
        (why ? why : "alert " + std::to_string(ERR_GET_REASON(problem) - SSL_AD_REASON_OFFSET)));
}

std::string masked(std::string payload) {
    const char key[] = {'\x11', '\x22', '\x33', '\x44'};
    for (std::size_t i = 0; i < payload.size(); ++i)
        payload[i] = static_cast<char>(payload[i] ^ key[i % 4]);
    return std::string(key, 4) + payload;
}

std::string length_bytes(std::size_t size, unsigned mask_bit) {
    std::string out;
    if (size < 126) {
        out += static_cast<char>(mask_bit | size);
    } else if (size < 65536) {
        out += static_cast<char>(mask_bit | 126);
        for (int shift = 8; shift >= 0; shift -= 8) out += static_cast<char>(size >> shift);
    } else {
        out += static_cast<char>(mask_bit | 127);
        for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(size >> shift);
    }
    return out;
}

} // namespace

BlockingClient::BlockingClient(std::uint16_t port, const ClientOptions& options)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
      context_(SSL_CTX_new(TLS_client_method())) {
    ::signal(SIGPIPE, SIG_IGN); // OpenSSL writes without MSG_NOSIGNAL
    const timeval limit{10, 0};
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
        broken("connect");

    auto* context = context_.get();
    if (options.tls12) SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
    if (!options.certificate_der.empty()) {
        SSL_CTX_use_certificate_ASN1(
            context, static_cast<int>(options.certificate_der.size()),
            reinterpret_cast<const unsigned char*>(options.certificate_der.data()));
        const agent::Owned<EVP_PKEY, EVP_PKEY_free> key(EVP_PKEY_new_raw_private_key(
            EVP_PKEY_ED25519, nullptr,
            reinterpret_cast<const unsigned char*>(options.private_key.reveal().data()), 32));
        SSL_CTX_use_PrivateKey(context, key.get());
    }
    ssl_.reset(SSL_new(context));
    SSL_set_fd(ssl_.get(), socket_);
    if (!options.alpn.empty())
        SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<const unsigned char*>(options.alpn.data()),
                            static_cast<unsigned>(options.alpn.size()));
    if (!options.server_name.empty())
        SSL_set_tlsext_host_name(ssl_.get(), options.server_name.c_str());
    ERR_clear_error();
    if (SSL_connect(ssl_.get()) != 1) {
        ::close(socket_);
        socket_ = -1;
        broken("TLS");
    }
}

BlockingClient::~BlockingClient() {
    ssl_.reset();
    if (socket_ >= 0) ::close(socket_);
}

std::string BlockingClient::peer_certificate_der() const {
    const agent::Owned<X509, X509_free> certificate(SSL_get1_peer_certificate(ssl_.get()));
    return agent::net::der_of(certificate.get());
}

std::string BlockingClient::chosen_alpn() const {
    const unsigned char* text = nullptr;
    unsigned length = 0;
    SSL_get0_alpn_selected(ssl_.get(), &text, &length);
    return {reinterpret_cast<const char*>(text), length};
}

void BlockingClient::send(const std::string& bytes) {
    std::size_t count = 0;
    ERR_clear_error();
    if (SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &count) != 1) broken("send");
}

bool BlockingClient::more() {
    char bytes[65536];
    std::size_t count = 0;
    ERR_clear_error();
    errno = 0;
    const int done = SSL_read_ex(ssl_.get(), bytes, sizeof bytes, &count);
    if (done == 1) {
        buffer_.append(bytes, count);
        return true;
    }
    if (SSL_get_error(ssl_.get(), done) == SSL_ERROR_ZERO_RETURN) return false;
    if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING) return false;
    broken("read");
}

std::string BlockingClient::read(std::size_t count) {
    while (buffer_.size() < count)
        if (!more()) throw Broken("the stream ended");
    auto out = buffer_.substr(0, count);
    buffer_.erase(0, count);
    return out;
}

std::string BlockingClient::read_head() {
    while (buffer_.find("\r\n\r\n") == std::string::npos)
        if (!more()) throw Broken("the stream ended");
    return read(buffer_.find("\r\n\r\n") + 4);
}

Frame BlockingClient::read_frame() {
    const auto head = read(2);
    std::uint64_t size = head[1] & 127;
    if (head[1] & 128) throw Broken("a server's frame is masked");
    if (size >= 126) {
        const auto more_size = read(size == 126 ? 2 : 8);
        size = 0;
        for (unsigned char c : more_size) size = size << 8 | c;
    }
    Frame frame;
    frame.opcode = head[0] & 15;
    frame.payload = read(size);
    return frame;
}

std::string BlockingClient::read_payload(std::size_t count) {
    std::string out;
    while (out.size() < count) {
        const auto frame = read_frame();
        if (frame.opcode == 8)
            throw Broken("closed " + std::to_string(frame.code()) + " " + frame.reason());
        if (frame.opcode <= 2) out += frame.payload;
    }
    return out;
}

bool BlockingClient::at_end() {
    return buffer_.empty() && !more();
}

std::string BlockingClient::request(const std::string& path) {
    return "GET " + path +
           " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: "
           "websocket\r\nSec-WebSocket-Version: 13\r\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: "
           "boundary-tcp-proxy-v1\r\n\r\n";
}

std::string BlockingClient::frame(const std::string& payload, int opcode, bool final) {
    return static_cast<char>((final ? 128 : 0) | opcode) + length_bytes(payload.size(), 128) +
           masked(payload);
}

std::string BlockingClient::unmasked_frame(const std::string& payload, int opcode) {
    return static_cast<char>(128 | opcode) + length_bytes(payload.size(), 0) + payload;
}

std::string BlockingClient::close_frame(int code) {
    return frame({static_cast<char>(code >> 8), static_cast<char>(code & 255)}, 8);
}

std::string BlockingClient::open(const std::string& tofu) {
    return frame("\x52" + std::string(1, static_cast<char>(tofu.size())) + tofu);
}

std::string BlockingClient::cancel(const std::string& tofu) {
    return frame("\x52" + std::string(1, static_cast<char>(tofu.size())) + tofu + "\xa0\x01\x01");
}

} // namespace devserver::test
