// bench-load: the local client of everything tests/bench measures; bench.py starts it. Blocking
// sockets and epoll, so that it costs little beside what it measures.
//
//   bench-load up|down PORT BYTES [PIECE]     one stream; prints its seconds
//   bench-load short PORT COUNT PARALLEL      connections that end with the greeting; prints
//   seconds and failures bench-load first HOST PORT COUNT          one after another; prints each
//   one's microseconds to the greeting, and when it
//                                             began and had it (nanoseconds, CLOCK_MONOTONIC)
//   bench-load trips PORT COUNT               bytes there and back on one connection, one after the
//   other; prints each
//                                             one's microseconds
//   bench-load idle COUNT PORT…               opens COUNT, over the ports in turn; prints what came
//   of them; keeps
//                                             them until its standard input ends
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

[[noreturn]] void give_up(const char* what) {
    std::perror(what);
    std::exit(2);
}

int connect_to(std::uint16_t port, const char* host = "127.0.0.1", int flags = 0) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
    if (fd < 0) give_up("socket");
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    ::inet_pton(AF_INET, host, &address.sin_addr);
    if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 &&
        errno != EINPROGRESS)
        give_up("connect");
    return fd;
}

void ask(int fd, char what, std::uint64_t bytes, std::uint32_t piece) {
    char wish[13] = {what}; // as peer.cpp reads it
    std::memcpy(wish + 1, &bytes, sizeof bytes);
    std::memcpy(wish + 9, &piece, sizeof piece);
    if (::send(fd, wish, sizeof wish, MSG_NOSIGNAL) != ssize_t(sizeof wish)) give_up("send");
}

void read_byte(int fd) {
    char byte;
    if (::recv(fd, &byte, 1, 0) != 1) give_up("no greeting");
}

void stream(bool up, std::uint16_t port, std::uint64_t bytes, std::uint32_t piece) {
    std::vector<char> buffer(256 * 1024);
    const int fd = connect_to(port);
    read_byte(fd);
    const auto start = Clock::now();
    ask(fd, up ? 'u' : 'd', bytes, piece);
    for (std::uint64_t left = bytes; left > 0;) {
        const auto size = std::min<std::uint64_t>(buffer.size(), left);
        const auto n =
            up ? ::send(fd, buffer.data(), size, MSG_NOSIGNAL) : ::recv(fd, buffer.data(), size, 0);
        if (n <= 0) give_up("stream");
        left -= static_cast<std::uint64_t>(n);
    }
    if (up) read_byte(fd);
    std::printf("%.6f\n", seconds_since(start));
    ::close(fd);
}

void first(const char* host, std::uint16_t port, int count) {
    for (int i = 0; i < count; ++i) {
        const auto start = Clock::now();
        const int fd = connect_to(port, host);
        read_byte(fd);
        const auto end = Clock::now();
        const auto nanoseconds = [](Clock::time_point at) {
            return (long long)at.time_since_epoch().count();
        };
        std::printf("%.0f %lld %lld\n", double((end - start).count()) / 1e3, nanoseconds(start),
                    nanoseconds(end));
        ::close(fd);
    }
}

void trips(std::uint16_t port, int count) {
    const int fd = connect_to(port);
    read_byte(fd);
    ask(fd, 'e', 0, 0);
    for (int i = 0; i < count; ++i) {
        const auto start = Clock::now();
        if (::send(fd, "x", 1, MSG_NOSIGNAL) != 1) give_up("send");
        read_byte(fd);
        std::printf("%.0f\n", seconds_since(start) * 1e6);
    }
    ::close(fd);
}

// Opens `count` connections, `parallel` at a time, and waits for each one's greeting.
class Opener {
  public:
    Opener(std::vector<std::uint16_t> ports, int count, int parallel, bool keep)
        : ports_(std::move(ports)), count_(count), parallel_(parallel), keep_(keep),
          epoll_(::epoll_create1(0)) {}

    void run() {
        while (started_ < count_ && started_ < parallel_) start();
        std::vector<epoll_event> events(256);
        while (greeted + failed < count_) {
            const int n = ::epoll_wait(epoll_, events.data(), int(events.size()), 60'000);
            if (n == 0) return; // the rest never answered
            for (int i = 0; i < n; ++i) finish(events[std::size_t(i)].data.fd);
        }
    }
    int greeted = 0;
    int failed = 0;

  private:
    void start() {
        const int fd =
            connect_to(ports_[std::size_t(started_++) % ports_.size()], "127.0.0.1", SOCK_NONBLOCK);
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = fd;
        ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
    }
    void finish(int fd) {
        char byte;
        const bool good = ::recv(fd, &byte, 1, 0) == 1;
        ++(good ? greeted : failed);
        if (good && keep_)
            ::epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
        else
            ::close(fd);
        if (started_ < count_) start();
    }

    std::vector<std::uint16_t> ports_;
    int count_, parallel_;
    bool keep_;
    int epoll_;
    int started_ = 0;
};

void open_many(std::vector<std::uint16_t> ports, int count, int parallel, bool keep) {
    const auto start = Clock::now();
    Opener opener(std::move(ports), count, parallel, keep);
    opener.run();
    std::printf("%d %d %.6f\n", opener.greeted, count - opener.greeted, seconds_since(start));
    std::fflush(stdout);
    char byte;
    while (keep && ::read(STDIN_FILENO, &byte, 1) > 0) {
    }
}

} // namespace

int main(int argc, char** argv) {
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
    std::signal(SIGPIPE, SIG_IGN);

    const std::string_view mode = argc > 1 ? argv[1] : "";
    const auto number = [&](int i) { return i < argc ? std::strtoull(argv[i], nullptr, 10) : 0; };
    const auto port = [&](int i) { return static_cast<std::uint16_t>(number(i)); };
    if ((mode == "up" || mode == "down") && argc >= 4) {
        stream(mode == "up", port(2), number(3), argc > 4 ? std::uint32_t(number(4)) : 64 * 1024);
    } else if (mode == "short" && argc == 5) {
        open_many({port(2)}, int(number(3)), int(number(4)), false);
    } else if (mode == "first" && argc == 5) {
        first(argv[2], port(3), int(number(4)));
    } else if (mode == "trips" && argc == 4) {
        trips(port(2), int(number(3)));
    } else if (mode == "idle" && argc >= 4) {
        std::vector<std::uint16_t> ports;
        for (int i = 3; i < argc; ++i) ports.push_back(port(i));
        open_many(std::move(ports), int(number(2)), 50, true);
    } else {
        std::fputs("usage: bench-load up|down|short|first|trips|idle …\n", stderr);
        return 3;
    }
    return 0;
}
