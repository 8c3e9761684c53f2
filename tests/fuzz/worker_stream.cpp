// What a worker sends once TLS stands: real TLS over a socket pair, from the HTTP answer or the
// handshake's result or the first data frame on, through agent-proxy's own reader, handshake and
// relay. The input is a script, so that record boundaries, coalescing, key updates, tickets and the
// end are the fuzzer's to choose.
//
// What the local client gets must be the payload that a second, simple decoder finds, as far as it
// came: so the outcome cannot depend on how the bytes were cut. No turn of the loop may take more
// than its share, and nothing may stay.

#include "async/let_others.hpp"
#include "async/task_group.hpp"
#include "boundary/websocket_key.hpp"
#include "proxy/relay.hpp"
#include "proxy/upgrade.hpp"
#include "proxy/worker_link.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <openssl/err.h>
#include <sys/socket.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <deque>

using namespace agent;
using namespace std::chrono_literals;
using boost::asio::io_context;
using boost::asio::ip::tcp;
using net::TlsStream;
using local_socket = boost::asio::local::stream_protocol::socket;

namespace {

enum class Stage : std::uint8_t { relay, handshake, upgrade };
enum Op : std::uint8_t {
    repeat = 0x80,
    send = 0xc0,
    update,
    ask_update,
    ticket,
    switch_protocols,
    fin,
    reset
};
constexpr std::size_t most_sent = 1024 * 1024;
constexpr int most_records = 16 * 1024; // each costs as much as a kilobyte, however short it is
constexpr std::size_t most_in_a_turn = 1024 * 1024 + 2 * net::Block::bytes;

/// A key that both sides know: no certificate, and no signature in each of a million handshakes.
Owned<SSL_CTX, SSL_CTX_free> make_context() {
    Owned<SSL_CTX, SSL_CTX_free> context(SSL_CTX_new(TLS_method()));
    SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION);
    SSL_CTX_set_ciphersuites(context.get(), "TLS_AES_128_GCM_SHA256");
    SSL_CTX_set_options(context.get(), SSL_OP_ALLOW_NO_DHE_KEX);
    SSL_CTX_set_num_tickets(context.get(), 0);
    const auto client = [](SSL*, const char*, char* identity, unsigned room, unsigned char* key,
                           unsigned) -> unsigned {
        std::strncpy(identity, "fuzz", room);
        std::memset(key, 7, 32);
        return 32;
    };
    const auto server = [](SSL*, const char*, unsigned char* key, unsigned) -> unsigned {
        std::memset(key, 7, 32);
        return 32;
    };
    SSL_CTX_set_psk_client_callback(context.get(), client);
    SSL_CTX_set_psk_server_callback(context.get(), server);
    return context;
}

/// The payloads of `bytes`, read as frames of a server, up to the first fault or close. `messages`
/// of them are skipped.
std::string payload_of(std::string_view bytes, int messages) {
    std::string payload;
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    bool inside = false;
    while (bytes.size() >= 2) {
        const unsigned opcode = at(0) & 15U, length_code = at(1);
        const bool final = (at(0) & 0x80U) != 0, control = opcode >= 8;
        const std::size_t extra = length_code == 126 ? 2 : length_code == 127 ? 8 : 0;
        if ((at(0) & 0x70U) != 0 || length_code > 127 || bytes.size() < 2 + extra) break;
        std::uint64_t length = extra == 0 ? length_code : 0;
        for (std::size_t i = 0; i < extra; ++i) length = length << 8 | at(2 + i);
        if (length >> 63 || (extra == 2 && length < 126) || (extra == 8 && length < 65536)) break;
        if (opcode > 10 || (opcode > 2 && opcode < 8) || opcode == 1 || opcode == 8) break;
        if (control ? !final || length > 125 : (opcode == 0) != inside) break;
        const auto whole = bytes.substr(2 + extra).substr(0, static_cast<std::size_t>(length));
        if (!control) {
            if (messages == 0) payload += whole;
            inside = !final;
            if (final && messages > 0 && whole.size() == length) --messages;
        }
        if (whole.size() < length) break;
        bytes.remove_prefix(2 + extra + whole.size());
    }
    return payload;
}

struct Run {
    explicit Run(std::span<const std::uint8_t> input, io_context& loop)
        : script(input), context(loop), stage(input.empty() ? Stage::relay : Stage(input[0] % 3)),
          talks(!input.empty() && input[0] / 3 % 2 == 1) {
        std::array<int, 2> far_near{}, outer_inner{};
        if (::socketpair(AF_UNIX, SOCK_STREAM, 0, far_near.data()) != 0 ||
            ::socketpair(AF_UNIX, SOCK_STREAM, 0, outer_inner.data()) != 0)
            std::abort();
        static const auto tls = make_context();
        tcp::socket ours(context), theirs(context);
        theirs.assign(tcp::v4(), far_near[0]);
        ours.assign(tcp::v4(), far_near[1]);
        near = std::make_unique<TlsStream>(std::move(ours), tls.get(), TlsStream::Role::client,
                                           "worker", Hop::worker);
        far.emplace(std::move(theirs), tls.get(), TlsStream::Role::server, "client", Hop::local);
        client.assign({}, outer_inner[0]);
        local.assign({}, outer_inner[1]);
        if (!script.empty()) script = script.subspan(1);
    }

    // The worker

    awaitable<void> be_worker() {
        const auto shaken = co_await far->handshake();
        if (!shaken) std::abort();
        if (stage == Stage::upgrade) co_await hear_request();
        bool on = true;
        while (on && !script.empty()) {
            const auto op = script.front();
            script = script.subspan(1);
            if (op < Op::repeat) {
                const auto size = std::min<std::size_t>(op + 1U, script.size());
                record.assign(reinterpret_cast<const char*>(script.data()), size);
                script = script.subspan(size);
                put(record);
            } else if (op < Op::send) {
                for (int i = (op - Op::repeat + 1) * 16; i > 0 && may_send(); --i) put(record);
            } else {
                on = act(static_cast<Op>(op));
            }
            const bool full = far->waiting() > 64 * 1024;
            if (op == Op::send || full) on = (co_await far->flush()).has_value() && on;
        }
        if (on) co_await far->shutdown(1s);
    }
    bool act(Op op) {
        SSL* const ssl = far->ssl();
        switch (op) {
        case Op::update:
        case Op::ask_update:
            SSL_key_update(ssl, op == Op::update ? SSL_KEY_UPDATE_NOT_REQUESTED
                                                 : SSL_KEY_UPDATE_REQUESTED);
            SSL_do_handshake(ssl);
            break;
        case Op::ticket:
            SSL_new_session_ticket(ssl);
            SSL_do_handshake(ssl);
            break;
        case Op::switch_protocols:
            put(answer);
            break;
        case Op::fin:
            far->send_waiting();
            far->socket().shutdown(tcp::socket::shutdown_send);
            return false;
        case Op::reset:
            far->close();
            return false;
        default:
            break;
        }
        ERR_clear_error();
        return true;
    }
    bool may_send() const { return sent.size() < most_sent && records < most_records; }
    void put(const std::string& bytes) {
        if (!far->put(std::as_bytes(std::span(bytes)))) return;
        ++records;
        sent += bytes;
    }
    awaitable<void> hear_request() {
        std::string head;
        std::array<std::byte, 1024> piece;
        while (head.find("\r\n\r\n") == std::string::npos) {
            const auto count = co_await far->read_some(piece);
            if (!count || *count == 0) co_return;
            head.append(reinterpret_cast<const char*>(piece.data()), *count);
        }
        const std::string_view name = "Sec-WebSocket-Key: ";
        answer = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                 "Sec-WebSocket-Accept: " +
                 boundary::websocket_accept(head.substr(head.find(name) + name.size(), 24)) +
                 "\r\nSec-WebSocket-Protocol: boundary-tcp-proxy-v1\r\n\r\n";
    }

    // agent-proxy

    awaitable<void> be_proxy() {
        const auto shaken = co_await near->handshake();
        if (!shaken) std::abort();
        std::string early;
        if (stage == Stage::upgrade) {
            const auto upgraded = co_await proxy::upgrade(*near);
            if (!upgraded) co_return end();
            early = *upgraded;
        }
        proxy::ReachedWorker worker;
        worker.stream = std::make_unique<proxy::WebSocketStream>(std::move(near),
                                                                 boundary::Role::client, early);
        worker.address = "worker";
        stream = worker.stream.get();
        if (stage != Stage::relay) {
            const boundary::SessionAuthorization authorization;
            boundary::ClientHandshake handshake;
            handshake.tofu_token = Secret("01234567890123456789");
            const auto outcome = co_await proxy::shake_hands(
                proxy::WorkerAccess{authorization, nullptr, {}}, worker, std::move(handshake));
            if (outcome.worked()) skipped = 1;
            if (!outcome.worked() && outcome.error.message.empty()) std::abort();
            if (!outcome.worked()) co_return end();
        }
        proxy::Relay<local_socket> relay(local, *worker.stream, proxy::RelayPolicy{}, counts);
        relayed = true;
        if (talks) worker.stream->ping();
        co_await relay.run();
        if (relay.end().by == proxy::EndedBy::remote_error && relay.end().error.message.empty())
            std::abort();
        local.close();
        if (worker.stream->tls().waiting() > 640 * 1024) std::abort();
        boundary::CloseFrame bye;
        bye.code = boundary::CloseCode::normal;
        co_await worker.stream->close(std::move(bye), 1ms);
        end();
    }
    void end() {
        stream = nullptr;
        finished = true;
        if (near) near->close();
        boost::system::error_code ignored;
        local.close(ignored);
        far->close();
    }

    // The local client

    awaitable<void> be_client() {
        std::array<char, 65536> piece;
        boost::system::error_code ended;
        if (talks) client.send(boost::asio::buffer("hello", 5), 0, ended);
        for (;;) {
            const auto [ec, count] =
                co_await client.async_read_some(boost::asio::buffer(piece), async::token);
            got.append(piece.data(), count);
            if (ec) break;
        }
        client.close();
    }
    /// Has its turn among the others'.
    awaitable<void> watch_turns() {
        while (!finished) {
            const auto before = stream != nullptr ? stream->activity().received : 0;
            co_await async::let_others();
            if (stream != nullptr && stream->activity().received - before > most_in_a_turn)
                std::abort();
        }
    }

    void check() const {
        if (!finished || counts.down != got.size()) std::abort();
        if (!relayed) return;
        std::string_view frames = sent;
        if (stage ==
            Stage::upgrade) { // whatever was said in front of the frames, the 101's end is known
            const auto head = frames.find("\r\n\r\n");
            if (head == std::string_view::npos) std::abort();
            frames.remove_prefix(head + 4);
        }
        if (!payload_of(frames, skipped).starts_with(got)) std::abort();
    }

    std::span<const std::uint8_t> script;
    io_context& context;
    Stage stage;
    bool talks; ///< the local client has something to say, and the worker is pinged
    std::unique_ptr<TlsStream> near;
    std::optional<TlsStream> far;
    local_socket client{context};
    local_socket local{context};
    proxy::WebSocketStream* stream = nullptr;
    proxy::ByteCounts counts;
    std::string record, sent, answer, got;
    int skipped = 0;
    int records = 0;
    bool relayed = false;
    bool finished = false;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    io_context context(1);
    {
        Run run({data, size}, context);
        async::TaskGroup group(context.get_executor());
        group.spawn(run.be_worker(), "worker");
        group.spawn(run.be_proxy(), "proxy");
        group.spawn(run.be_client(), "client");
        group.spawn(run.watch_turns(), "turns");
        context.run_for(30s);
        if (!context.stopped()) std::abort();
        run.check();
    }
    if (net::blocks_on_loan() != 0) std::abort();
    return 0;
}
