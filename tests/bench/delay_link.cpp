// bench-delay-link: a link of its own round trip time, for figures that are counted in round trips.
// One tun device and no second network namespace: a packet to the link's far address waits half the
// round trip and comes back with source and destination swapped, so whoever listens here on the
// near address is reached at the far one, SYNs and ACKs pay like data, and no checksum changes (a
// sum does not mind the order).
//
//   bench-delay-link RTT_MS [NUMBER [TRACE]]   198.18.NUMBER.1 is near, 198.18.NUMBER.2 far (RFC
//   2544's benchmarking range)
//
// Into the file TRACE it writes a line for each packet: nanoseconds when it came and when it went
// on (CLOCK_MONOTONIC), source and target port, length. So what a run cost can be told apart: the
// link's own lateness, and how long either end took to answer.
//
// Prints "NEAR FAR" once the link is up; ends with its standard input. Needs CAP_NET_ADMIN: root,
// or `unshare -Urn`. Good for latency, not for throughput: one system call or two for each packet.
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <string>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void give_up(const char* what) {
    std::perror(what);
    std::exit(2);
}

sockaddr ipv4(const std::string& text) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    if (::inet_pton(AF_INET, text.c_str(), &address.sin_addr) != 1) give_up(text.c_str());
    sockaddr plain;
    std::memcpy(&plain, &address, sizeof plain);
    return plain;
}

/// A tun device with the near address and a route to the far one.
int open_tun(const std::string& near) {
    const int tun = ::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (tun < 0) give_up("/dev/net/tun");
    ifreq device{};
    device.ifr_flags = IFF_TUN | IFF_NO_PI;
    if (::ioctl(tun, TUNSETIFF, &device) != 0) give_up("TUNSETIFF");

    const int any = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    device.ifr_addr = ipv4(near);
    if (::ioctl(any, SIOCSIFADDR, &device) != 0) give_up("SIOCSIFADDR");
    device.ifr_netmask = ipv4("255.255.255.252");
    if (::ioctl(any, SIOCSIFNETMASK, &device) != 0) give_up("SIOCSIFNETMASK");
    device.ifr_flags = IFF_UP | IFF_RUNNING;
    if (::ioctl(any, SIOCSIFFLAGS, &device) != 0) give_up("SIOCSIFFLAGS");
    ::close(any);
    return tun;
}

struct Packet {
    Clock::time_point came, due;
    std::vector<char> bytes;
};

void swap_ends(std::vector<char>& packet) {
    constexpr std::size_t source = 12, target = 16; // of an IPv4 header
    std::swap_ranges(packet.begin() + source, packet.begin() + target, packet.begin() + target);
}

long long nanoseconds(Clock::time_point at) {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(at.time_since_epoch()).count();
}

void trace(std::FILE* file, const Packet& packet) {
    const auto at = [&](std::size_t i) {
        return static_cast<unsigned>(static_cast<unsigned char>(packet.bytes[i]));
    };
    const std::size_t ports = std::size_t(at(0) & 15) * 4;
    if (file == nullptr || packet.bytes.size() < ports + 4) return;
    std::fprintf(file, "%lld %lld %u %u %zu\n", nanoseconds(packet.came), nanoseconds(Clock::now()),
                 at(ports) << 8 | at(ports + 1), at(ports + 2) << 8 | at(ports + 3),
                 packet.bytes.size());
}

timespec until(Clock::time_point due) {
    const auto left = std::max(due - Clock::now(), Clock::duration::zero());
    const auto nanoseconds = std::chrono::duration_cast<std::chrono::nanoseconds>(left).count();
    timespec time{};
    time.tv_sec = nanoseconds / 1'000'000'000;
    time.tv_nsec = nanoseconds % 1'000'000'000;
    return time;
}

void carry(int tun, Clock::duration one_way, std::FILE* traced) {
    std::deque<Packet> on_the_way; // all wait equally long, so they are due in order
    std::vector<char> buffer(64 * 1024);
    for (;;) {
        std::array<pollfd, 2> polled{pollfd{tun, POLLIN, 0}, pollfd{STDIN_FILENO, POLLIN, 0}};
        timespec wait{};
        if (!on_the_way.empty()) wait = until(on_the_way.front().due);
        if (::ppoll(polled.data(), polled.size(), on_the_way.empty() ? nullptr : &wait, nullptr) <
            0)
            give_up("ppoll");
        if (polled[1].revents != 0 && ::read(STDIN_FILENO, buffer.data(), buffer.size()) <= 0)
            return;
        for (;;) {
            const auto size = ::read(tun, buffer.data(), buffer.size());
            if (size <= 0) break;
            if (buffer[0] >> 4 != 4 || size < 20) continue; // IPv6's own chatter
            const auto now = Clock::now();
            Packet packet{now, now + one_way, {buffer.begin(), buffer.begin() + size}};
            swap_ends(packet.bytes);
            on_the_way.push_back(std::move(packet));
        }
        while (!on_the_way.empty() && on_the_way.front().due <= Clock::now()) {
            const auto& bytes = on_the_way.front().bytes;
            if (::write(tun, bytes.data(), bytes.size()) < 0 && errno == EAGAIN) break;
            trace(traced, on_the_way.front());
            on_the_way.pop_front();
        }
    }
}

} // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fputs("usage: bench-delay-link RTT_MS [NUMBER [TRACE]]\n", stderr);
        return 3;
    }
    ::prctl(PR_SET_TIMERSLACK, 1UL);
    const std::string net = std::string("198.18.") + (argc > 2 ? argv[2] : "77");
    const int tun = open_tun(net + ".1");
    std::printf("%s.1 %s.2\n", net.c_str(), net.c_str());
    std::fflush(stdout);
    std::FILE* const traced = argc > 3 ? std::fopen(argv[3], "we") : nullptr;
    if (argc > 3 && traced == nullptr) give_up(argv[3]);
    carry(tun,
          std::chrono::duration_cast<Clock::duration>(
              std::chrono::duration<double, std::milli>(std::strtod(argv[1], nullptr) / 2)),
          traced);
    if (traced != nullptr) std::fclose(traced);
    return 0;
}
