#include "unit/proxy/flooding_worker.hpp"

#include "boundary/handshake.hpp"
#include "boundary/websocket_frame.hpp"
#include "boundary/websocket_key.hpp"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <stdexcept>

namespace agent::test {
namespace {

constexpr std::array flood_names{
    "empty frames", "one-byte fragments", "pongs",
    "pings",        "key updates",        "key updates that want an answer",
    "tickets",      "one-byte frames",    "one-byte records",
    "full frames"};
static_assert(flood_names.size() == flood_kinds);
constexpr std::array stage_names{
    "in TLS", "before the upgrade", "before the result", "carrying", "closing", "never"};

std::string frame(unsigned char first, std::string_view payload) {
    std::string bytes(1, static_cast<char>(first));
    if (payload.size() < 126) {
        bytes += static_cast<char>(payload.size());
    } else {
        bytes += static_cast<char>(126);
        bytes += static_cast<char>(payload.size() >> 8);
        bytes += static_cast<char>(payload.size() & 0xff);
    }
    return bytes.append(payload);
}

std::string repeated(const std::string& piece, std::size_t bytes) {
    std::string all;
    while (all.size() < bytes) all += piece;
    return all;
}

std::string frames_of(Flood flood) {
    switch (flood) {
    case Flood::empty_frames:
        return repeated(frame(0x82, ""), 64'000);
    case Flood::fragments:
        return frame(0x02, "x") + repeated(frame(0x00, "x"), 64'000) + frame(0x80, "x");
    case Flood::pongs:
        return repeated(frame(0x8a, "nobody asked"), 64'000);
    case Flood::pings:
        return repeated(frame(0x89, ""), 64'000);
    case Flood::full_frames:
        return repeated(frame(0x82, std::string(65'000, 'x')), 64'000);
    default:
        return repeated(frame(0x82, "x"), 64'000);
    }
}

Owned<SSL_CTX, SSL_CTX_free> server_context(const SessionIdentity& identity) {
    auto context = make_tls_context(&identity);
    SSL_CTX_set_num_tickets(context.get(), 0);
    const auto choose = [](SSL*, const unsigned char** out, unsigned char* size,
                           const unsigned char* in, unsigned, void*) {
        *out = in + 1; // the first that is offered
        *size = in[0];
        return SSL_TLSEXT_ERR_OK;
    };
    SSL_CTX_set_alpn_select_cb(context.get(), choose, nullptr);
    return context;
}

} // namespace

const char* name_of(Flood flood) {
    return flood_names.at(static_cast<std::size_t>(flood));
}
const char* name_of(FloodStage stage) {
    return stage_names.at(static_cast<std::size_t>(stage));
}

/// One connection's TLS: what is put goes out in large pieces.
struct FloodingWorker::Talk {
    Talk(SSL_CTX* context, int socket, std::atomic<std::uint64_t>& count)
        : ssl(SSL_new(context)), fd(socket), sent(count) {
        SSL_set_fd(ssl.get(), fd);
    }
    bool begin() {
        if (SSL_accept(ssl.get()) != 1) return false;
        out = BIO_new(BIO_s_mem());
        SSL_set0_wbio(ssl.get(), out);
        return true;
    }
    bool put(std::string_view bytes) {
        return SSL_write(ssl.get(), bytes.data(), static_cast<int>(bytes.size())) > 0 &&
               (BIO_pending(out) < 64'000 || flush());
    }
    bool update_key(int kind) {
        return SSL_key_update(ssl.get(), kind) == 1 && SSL_do_handshake(ssl.get()) == 1 &&
               (BIO_pending(out) < 64'000 || flush());
    }
    bool ticket() {
        return SSL_new_session_ticket(ssl.get()) == 1 && SSL_do_handshake(ssl.get()) == 1 &&
               (BIO_pending(out) < 64'000 || flush());
    }
    bool flush() {
        char* bytes = nullptr;
        const auto size = BIO_get_mem_data(out, &bytes);
        const bool done = send_all(fd, {bytes, static_cast<std::size_t>(size)});
        if (done) sent += static_cast<std::uint64_t>(size);
        (void)BIO_reset(out);
        return done;
    }
    std::string read() {
        std::array<char, 4096> bytes;
        const int count = SSL_read(ssl.get(), bytes.data(), bytes.size());
        return {bytes.data(), count > 0 ? static_cast<std::size_t>(count) : 0};
    }

    Owned<SSL, SSL_free> ssl;
    int fd;
    BIO* out = nullptr;
    std::atomic<std::uint64_t>& sent;
};

FloodingWorker::FloodingWorker()
    : identity_(make_session_identity("s_1234567890")), context_(server_context(identity_)),
      server_([this](int fd) { serve(fd); }) {}

std::string FloodingWorker::token(std::chrono::seconds lifetime) const {
    boundary::SessionAuthorization authorization;
    authorization.session_id = "s_1234567890";
    authorization.target_id = "ttcp_1234567890";
    authorization.type = "tcp";
    authorization.certificate = identity_.certificate;
    authorization.private_key = Secret(identity_.private_key);
    authorization.expiration = wall_now() + lifetime;
    authorization.endpoint = "tcp://127.0.0.1:22";
    authorization.connection_limit = -1;
    authorization.workers = {server_.address()};
    return boundary::encode_authorization_token(authorization);
}

void FloodingWorker::plan(FloodPlan plan, int only) {
    const std::lock_guard lock(mutex_);
    plan_ = std::move(plan);
    only_ = only;
}

void FloodingWorker::serve(int fd) {
    FloodPlan plan;
    {
        const std::lock_guard lock(mutex_);
        open_.insert(fd);
        if (++begun_ == only_ || only_ == 0) plan = plan_;
    }
    talk(fd, plan);
    ERR_clear_error();
    const std::lock_guard lock(mutex_);
    open_.erase(fd);
}

void FloodingWorker::cut() {
    const std::lock_guard lock(mutex_);
    for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
}

void FloodingWorker::talk(int fd, const FloodPlan& plan) {
    if (plan.stage == FloodStage::in_tls) {
        std::array<char, 4096> hello;
        if (::recv(fd, hello.data(), hello.size(), 0) <= 0) return;
        // "Begin a handshake": a client in the middle of one has to take no notice, as often as it
        // comes.
        const auto nagging =
            repeated(std::string("\x16\x03\x03\x00\x04\x00\x00\x00\x00", 9), 64'000);
        while (send_all(fd, nagging)) sent_ += nagging.size();
        return;
    }
    Talk talk(context_.get(), fd, sent_);
    if (!talk.begin()) return;
    if (plan.stage == FloodStage::before_upgrade) return flood(talk, plan);
    std::string head;
    while (head.find("\r\n\r\n") == std::string::npos) {
        const auto more = talk.read();
        if (more.empty()) return;
        head += more;
    }
    const std::string name = "Sec-WebSocket-Key: ";
    const auto key = head.substr(head.find(name) + name.size(), 24);
    const auto answer = fmt::format(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Accept: {}\r\nSec-WebSocket-Protocol: boundary-tcp-proxy-v1\r\n\r\n",
        boundary::websocket_accept(key));
    if (!talk.put(answer) || !talk.flush()) return;
    if (plan.stage == FloodStage::before_result) return flood(talk, plan);
    std::string handshake;
    do handshake = talk.read();
    while (handshake.starts_with('\x89')); // pings are not answered
    if (handshake.empty()) return;
    boundary::HandshakeResult result;
    result.connection_limit = result.connections_left = -1;
    if (!talk.put(frame(0x82, boundary::encode_handshake_result(result))) ||
        !talk.put(frame(0x82, "hello")) || !talk.flush())
        return;
    while (plan.stage == FloodStage::never)
        if (talk.read().empty()) return;
    for (std::string said;
         plan.stage == FloodStage::closing && !said.starts_with('\x88');) { // its CLOSE
        said = talk.read();
        if (said.empty()) return;
    }
    flood(talk, plan);
}

void FloodingWorker::flood(Talk& talk, const FloodPlan& plan) {
    for (std::size_t turn = 0;; ++turn) {
        const Flood flood = plan.floods.at(turn % plan.floods.size());
        const auto bytes = frames_of(flood);
        for (int i = 0; i < 16; ++i) {
            bool done = true;
            if (flood == Flood::key_updates || flood == Flood::answered_key_updates) {
                const int kind = flood == Flood::key_updates ? SSL_KEY_UPDATE_NOT_REQUESTED
                                                             : SSL_KEY_UPDATE_REQUESTED;
                for (int one = 0; one < 1000 && done; ++one) done = talk.update_key(kind);
            } else if (flood == Flood::tickets) {
                for (int one = 0; one < 100 && done; ++one) done = talk.ticket();
            } else if (flood == Flood::one_byte_records) {
                for (std::size_t at = 0; at < 3'000 && done; ++at)
                    done = talk.put(std::string_view(bytes).substr(at, 1));
            } else {
                done = talk.put(bytes);
            }
            if (!done || !talk.flush()) return;
        }
    }
}

} // namespace agent::test
