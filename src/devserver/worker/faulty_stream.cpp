#include "devserver/worker/faulty_stream.hpp"

#include "async/with_timeout.hpp"
#include "boundary/websocket_frame.hpp"

#include <linux/filter.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <sys/socket.h>

#include <cstring>
#include <limits>
#include <new>
#include <string>
#include <vector>

namespace devserver {
namespace {

using agent::Status;
using agent::net::TlsStream;
using namespace std::chrono_literals;

std::vector<std::byte> header_for(std::uint64_t length) {
    agent::boundary::FrameHeader header;
    header.length = length;
    std::array<std::byte, agent::boundary::max_frame_header> bytes;
    const auto size = agent::boundary::write_frame_header(bytes, header);
    return {bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)};
}

std::vector<std::byte> frame_of(std::span<const std::byte> payload) {
    auto frame = header_for(payload.size());
    frame.insert(frame.end(), payload.begin(), payload.end());
    return frame;
}

} // namespace

awaitable<Status> FaultyStream::write(TlsStream& tls, std::span<const std::byte> payload) {
    using Frames = WorkerFaults::Frames;
    std::vector<std::byte> bytes;
    if (faults_.frames == Frames::endless) {
        if (!endless_) bytes = header_for(std::numeric_limits<std::int64_t>::max());
        endless_ = true;
        bytes.insert(bytes.end(), payload.begin(), payload.end());
        co_return co_await tls.write(bytes);
    }
    if (faults_.frames == Frames::empty) bytes = header_for(0);
    const auto frame = frame_of(payload);
    bytes.insert(bytes.end(), frame.begin(), frame.end());
    if (faults_.frames != Frames::split) co_return co_await tls.write(bytes);

    const auto cut = cut_++ % bytes.size();
    const auto first = co_await tls.write(std::span(bytes).first(cut));
    if (!first) co_return first.error();
    co_await agent::async::sleep_for(2ms); // two segments, and two wake-ups of the reader
    co_return co_await tls.write(std::span(bytes).subspan(cut));
}

awaitable<void> FaultyStream::reset_in_frame(TlsStream& tls, std::span<const std::byte> payload) {
    const auto frame = frame_of(payload);
    (void)co_await tls.write(std::span(frame).first(frame.size() - payload.size() / 2));
    // What was sent must arrive, or there would be no half frame.
    co_await agent::async::sleep_for(50ms);
    reset(tls);
}

void FaultyStream::reset(TlsStream& tls) {
    boost::system::error_code ec;
    tls.socket().set_option(boost::asio::socket_base::linger(true, 0), ec);
    tls.close();
}

void FaultyStream::vanish(TlsStream& tls) {
    boost::system::error_code ec;
    tls.socket().shutdown(boost::asio::ip::tcp::socket::shutdown_both, ec);
    tls.close();
}

// A socket filter that lets nothing through stands in front of the kernel's own TCP.
void FaultyStream::cut_off(TlsStream& tls) {
    sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
    const sock_fprog program{1, &nothing};
    ::setsockopt(tls.socket().native_handle(), SOL_SOCKET, SO_ATTACH_FILTER, &program,
                 sizeof program);
}

// OpenSSL has no call for it, but it answers a record that does not decrypt with one
// (bad_record_mac).
awaitable<void> FaultyStream::alert(TlsStream& tls) {
    static const std::string junk = std::string("\x17\x03\x03\x00\x20", 5) + std::string(32, 'x');
    BIO* broken = BIO_new_mem_buf(junk.data(), static_cast<int>(junk.size()));
    if (broken == nullptr) throw std::bad_alloc();
    SSL_set0_rbio(tls.ssl(), broken);
    std::byte nothing;
    std::size_t count = 0;
    (void)SSL_read_ex(tls.ssl(), &nothing, 1, &count);
    ERR_clear_error();
    (void)co_await agent::async::with_timeout(tls.flush(), 1s);
    boost::system::error_code ec;
    tls.socket().shutdown(boost::asio::ip::tcp::socket::shutdown_send, ec);
    co_await agent::async::sleep_for(50ms); // unread bytes would turn the close into a reset
    tls.close();
}

} // namespace devserver
