// A controller that answers with whatever costs the agent most, beside a second, good cluster that
// is asked all the time: agentd stays under 64 MiB, the second cluster's callers hardly wait, and a
// call ends with its caller.

#include "support/catch.hpp"
#include "support/dev_environment.hpp"
#include "support/eventually.hpp"
#include "support/loopback_server.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <sys/socket.h>
#include <thread>

using namespace agent::test;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;

namespace {

constexpr double goal_ms = 100;
#if defined(__SANITIZE_ADDRESS__)
constexpr long goal_kib = 1L << 40U; // its own bookkeeping is what fills memory there
#else
constexpr long goal_kib = 64L << 10U;
#endif

const std::string head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
const std::string chunked = head + "Transfer-Encoding: chunked\r\n\r\n";

std::string repeated(const std::string& what, std::size_t bytes) {
    std::string text;
    text.reserve(bytes + what.size());
    while (text.size() < bytes) text += what;
    return text;
}

bool read_request(int fd) {
    std::string text;
    char buffer[4096];
    while (text.find("\r\n\r\n") == std::string::npos) {
        const auto count = ::recv(fd, buffer, sizeof buffer, 0);
        if (count <= 0) return false;
        text.append(buffer, static_cast<std::size_t>(count));
    }
    return true;
}

using Serve = std::function<void(int)>;

/// `begin`, and then `again` for ever.
Serve flood(std::string begin, const std::string& again) {
    return [begin = std::move(begin), piece = repeated(again, 65536)](int fd) {
        if (!read_request(fd) || !send_all(fd, begin)) return;
        while (send_all(fd, piece)) {
        }
    };
}

std::atomic<bool> idle = false; // a connection waits for the next request

/// Each request is answered with `body`.
Serve bodies(std::function<std::string(int number)> body) {
    return [body = std::move(body)](int fd) {
        static std::atomic<int> number = 0; // a token of its own for each page
        while (read_request(fd)) {
            idle = false;
            const std::string text = body(number++);
            if (!send_all(fd, head + "Content-Length: " + std::to_string(text.size()) + "\r\n\r\n" +
                                  text))
                return;
            idle = true;
        }
    };
}

Serve one_body(std::string text) {
    return bodies([text = std::move(text)](int) { return text; });
}

Serve pages(std::string items, bool same_token) {
    return bodies([items = std::move(items), same_token](int number) {
        return "{\"response_type\":\"delta\",\"list_token\":\"" +
               std::to_string(same_token ? 1 : number) + "\",\"items\":[" + items + "]}";
    });
}

/// No attack: a large cluster's sessions, in ten pages.
void ten_thousand(int fd) {
    for (int page = 0; read_request(fd); ++page) {
        idle = false;
        std::string items;
        for (int i = 0; i < 1000; ++i)
            items += fmt::format(R"({}{{"id":"s_{}_{}","name":"{}"}})", i > 0 ? "," : "", page, i,
                                 std::string(1450, 'x'));
        const std::string body =
            fmt::format(R"({{"response_type":"{}","list_token":"{}","items":[{}]}})",
                        page == 9 ? "complete" : "delta", page, items);
        if (!send_all(fd,
                      head + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body))
            return;
        idle = true;
    }
}

void drip(int fd) {
    if (!read_request(fd) || !send_all(fd, chunked)) return;
    while (send_all(fd, "1\r\n \r\n")) std::this_thread::sleep_for(1ms); // the vice itself
}

struct Attack {
    const char* name;
    const char* verb; ///< List, Read, Forward
    Serve serve;
};

std::vector<Attack> attacks() {
    const std::size_t much = 16U << 20U;
    std::vector<Attack> all;
    all.push_back({"one endless chunk extension", "Read", flood(chunked + "1;", "xxxxxxxx")});
    all.push_back({"an extension on every chunk", "List",
                   flood(chunked, "1;" + std::string(8000, 'x') + "\r\n \r\n")});
    all.push_back(
        {"interim answers without end", "Read", flood("", "HTTP/1.1 100 Continue\r\n\r\n")});
    all.push_back(
        {"trailers without end", "List",
         flood(chunked + "2\r\n{}\r\n0\r\n", "X-Trailer: " + std::string(200, 'x') + "\r\n")});
    all.push_back(
        {"fields without end", "Read", flood(head, "X-Field: " + std::string(200, 'x') + "\r\n")});
    all.push_back({"a body of spaces without end", "List",
                   flood("HTTP/1.1 200 OK\r\n\r\n", std::string(65536, ' '))});
    all.push_back({"256 MiB announced", "Read",
                   flood(head + "Content-Length: 268435456\r\n\r\n{\"a\":\"", "xxxxxxxx")});
    all.push_back({"bytes one by one", "List", drip});
    for (const char* verb : {"List", "Read", "Forward"}) {
        all.push_back({"16 MB of [0.1,", verb,
                       one_body("{\"items\":[" + repeated("0.1,", much - 100) + "1]}")});
        all.push_back({"16 MB of [[[[", verb, one_body("{\"items\":" + repeated("[", much - 100))});
        all.push_back({"16 MB of small objects", verb,
                       one_body("{\"items\":[" + repeated("{},", much - 100) + "1]}")});
        all.push_back(
            {"16 MB of members", verb,
             one_body("{\"items\":[{" + repeated("\"a\":{},", much - 100) + "\"b\":1}]}")});
        all.push_back({"one string of 16 MB", verb,
                       one_body("{\"items\":[\"" + std::string(much - 100, 'x') + "\"]}")});
        all.push_back({"one string of 16 MB to escape", verb,
                       one_body("{\"items\":[\"" + repeated("\\u0001", much - 100) + "\"]}")});
        all.push_back({"one number of 16 MB", verb,
                       one_body("{\"items\":[" + std::string(much - 100, '7') + "]}")});
    }
    all.push_back({"ten thousand of 1.5 KB: no attack", "List", ten_thousand});
    all.push_back({"empty pages without end", "List", pages("", false)});
    all.push_back({"the same page without end", "List", pages("{\"id\":\"t_1\"}", false)});
    all.push_back({"a token that comes again", "List", pages("{}", true)});
    all.push_back(
        {"full pages without end", "List",
         pages(repeated("{\"x\":\"" + std::string(1500, 'x') + "\"},", 1U << 20U) + "{}", false)});
    all.push_back({"pages of tiny items without end", "List",
                   pages(repeated("{},", 1U << 20U) + "{}", false)});
    return all;
}

/// A Varlink caller; its end is the end of this object.
class Caller {
  public:
    explicit Caller(const std::string& path) : fd_(connect_local(path)) {}
    bool ask(const std::string& verb, const agent::Json& parameters) {
        agent::Json call = agent::Json::object();
        call["method"] = "org.agentd.Agent." + verb;
        call["parameters"] = parameters;
        return send_all(fd_.get(), agent::dump_json(call) + '\0');
    }
    /// The reply's first bytes; nullopt when there is none in time.
    std::optional<std::string> reply(Clock::time_point until) {
        std::string begin;
        std::vector<char> buffer(1U << 20U);
        for (;;) {
            const auto count = ::recv(fd_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
            if (count > 0 && begin.size() < 1000)
                begin.append(buffer.data(),
                             static_cast<std::size_t>(std::min<ssize_t>(count, 1000)));
            if (count > 0 && buffer[static_cast<std::size_t>(count) - 1] == '\0') return begin;
            if (count == 0 || (count < 0 && errno != EAGAIN) || Clock::now() >= until)
                return std::nullopt;
            if (count < 0) std::this_thread::sleep_for(1ms);
        }
    }

  private:
    agent::UniqueFd fd_;
};

agent::Json call_of(const std::string& verb, const std::string& address) {
    agent::Json parameters = agent::Json::object();
    parameters["cluster"]["address"] = address;
    parameters["cluster"]["token"] = "at_1234567890_s1";
    parameters["cluster"]["timeout_ms"] = 30000;
    if (verb == "Forward") {
        parameters["method"] = "GET";
        parameters["path"] = "/v1/targets";
    } else {
        parameters["resource"] = "targets";
    }
    if (verb == "Read") parameters["id"] = target_id;
    return parameters;
}

/// Asks the good cluster all the time, and writes down how long each answer took.
class GoodCluster {
  public:
    GoodCluster(std::string socket, std::string address, std::string token)
        : socket_(std::move(socket)), parameters_(call_of("List", address)) {
        parameters_["cluster"]["token"] = token;
        parameters_["scope_id"] = project_id;
    }
    std::vector<double> waits(std::atomic<bool>& enough) {
        std::vector<double> waits;
        Caller caller(socket_);
        for (int asked = 0; asked < 3 || !enough; ++asked) {
            const auto begin = Clock::now();
            const bool sent = caller.ask("List", parameters_);
            const auto reply = caller.reply(begin + 30s);
            if (!sent || !reply || reply->find("\"items\":[{") == std::string::npos) {
                waits.push_back(1e9);
                return waits;
            }
            waits.push_back(Milliseconds(Clock::now() - begin).count());
            std::this_thread::sleep_for(2ms); // callers come and go
        }
        return waits;
    }

  private:
    std::string socket_;
    agent::Json parameters_;
};

struct Waits {
    explicit Waits(std::vector<double> all) : count(all.size()) {
        std::ranges::sort(all);
        if (all.empty()) return;
        median = all[all.size() / 2];
        most = all[all.size() * 95 / 100];
        longest = all.back();
    }
    std::size_t count = 0;
    double median = 1e9, most = 1e9, longest = 1e9;
};

long memory_kib(pid_t pid, const std::string& what) {
    std::ifstream status("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with(what + ":")) return std::stol(line.substr(what.size() + 1));
    return -1;
}

/// From here on VmHWM is what was used since.
void forget_peak(pid_t pid) {
    std::ofstream("/proc/" + std::to_string(pid) + "/clear_refs") << 5;
}

} // namespace

TEST_CASE("no answer of a controller fills the agent's memory or keeps another cluster's callers "
          "waiting") {
    DevEnvironment world;
    const std::string token = world.token("admin");
    const std::string socket = world.environment.at("XDG_RUNTIME_DIR") + "/agentd/agent.sock";
    const pid_t agentd = world.agent_pid();
    GoodCluster good(socket, world.address(), token);
    std::atomic<bool> enough = false;
    const auto measured = [&](auto during) {
        enough = false;
        std::vector<double> waits;
        {
            const std::jthread asking([&] { waits = good.waits(enough); });
            struct Enough {
                std::atomic<bool>& enough;
                ~Enough() { enough = true; } // before the thread is awaited, whatever happens
            } const then{enough};
            during();
        }
        return Waits(waits);
    };
    const Waits alone = measured([] { std::this_thread::sleep_for(1s); });
    const double limit = std::max(goal_ms, 5 * alone.most); // the machine may be busy by itself
    const long at_rest = memory_kib(agentd, "VmRSS");
    std::string table =
        fmt::format("alone: {} answers, {:.1f} ms, 95 % {:.1f}, longest {:.1f}, RSS {} KiB\n",
                    alone.count, alone.median, alone.most, alone.longest, at_rest);
    for (const auto& attack : attacks()) {
        std::atomic<bool> open = false;
        LoopbackServer hostile([&](int fd) {
            idle = false;
            open = true;
            attack.serve(fd);
            open = false;
        });
        forget_peak(agentd);
        std::string ended = "runs";
        const auto begin = Clock::now();
        bool hung_up = false;
        const Waits waits = measured([&] {
            {
                Caller caller(socket);
                REQUIRE(
                    caller.ask(attack.verb, call_of(attack.verb, "http://" + hostile.address())));
                const auto reply = caller.reply(begin + 3s);
                if (reply) ended = reply->find("\"error\"") < 3 ? "refused" : "answered";
            }
            hung_up = eventually([&] { return !open || idle; }, 10s);
        });
        const long peak = memory_kib(agentd, "VmHWM");
        table += fmt::format("{:34} {:8} {:9} peak {:7} KiB, {:4} answers, {:6.1f} ms, 95 % "
                             "{:6.1f}, longest {:7.1f}{}\n",
                             attack.name, attack.verb, ended, peak, waits.count, waits.median,
                             waits.most, waits.longest, hung_up ? "" : ", STILL READ");
        if (attack.serve.target<void (*)(int)>() != nullptr &&
            *attack.serve.target<void (*)(int)>() == ten_thousand)
            CHECK(ended == "answered");
        const std::string what = std::string(attack.name) + ", " + attack.verb;
        if (peak > goal_kib) FAIL_CHECK(what << ": " << peak << " KiB");
        if (waits.median > limit || waits.most > limit)
            FAIL_CHECK(what << ": median " << waits.median << " ms, 95 % " << waits.most << " ms");
        if (waits.longest > 5000) FAIL_CHECK(what << ": longest " << waits.longest << " ms");
        if (!hung_up) FAIL_CHECK(what << ": read on without its caller");
    }
    table += fmt::format("afterwards: RSS {} KiB\n", memory_kib(agentd, "VmRSS"));
    WARN(table);
    CHECK(memory_kib(agentd, "VmRSS") <= at_rest + (goal_kib >> 3U)); // given back
}
