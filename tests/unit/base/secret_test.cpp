#include "base/json.hpp"
#include "base/locked_memory.hpp"
#include "base/log.hpp"
#include "base/secret.hpp"
#include "support/catch.hpp"

#include <nlohmann/json.hpp>

#include <cstdio>
#include <cstring>
#include <fstream>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using agent::Secret;

namespace {

#ifdef __SANITIZE_ADDRESS__
constexpr bool can_lock = false; // its runtime turns mlock into nothing
#else
constexpr bool can_lock = true;
#endif

std::string last_line;

/// The VmFlags of the mapping that `address` is in: "rd wr mr mw me lo ac dd".
std::string flags_of(const void* address) {
    const auto wanted = reinterpret_cast<unsigned long>(address);
    std::ifstream maps("/proc/self/smaps");
    bool inside = false;
    for (std::string line; std::getline(maps, line);) {
        unsigned long begin = 0, end = 0;
        if (std::sscanf(line.c_str(), "%lx-%lx ", &begin, &end) == 2)
            inside = wanted >= begin && wanted < end;
        if (inside && line.starts_with("VmFlags:")) return line.substr(8) + " ";
    }
    return {};
}

bool has(const std::string& flags, const std::string& flag) {
    return flags.find(" " + flag + " ") != std::string::npos;
}

/// In a child, so that its limits are its own: what it writes to the pipe is returned.
template <class Work> std::string in_a_child(Work work) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const pid_t pid = ::fork();
    REQUIRE(pid >= 0);
    if (pid == 0) {
        const std::string text = work();
        const bool written =
            ::write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size());
        ::_exit(written ? 0 : 1);
    }
    ::close(ends[1]);
    std::string text(4096, '\0');
    std::size_t size = 0;
    for (ssize_t n = 0; (n = ::read(ends[0], text.data() + size, text.size() - size)) > 0;)
        size += static_cast<std::size_t>(n);
    ::close(ends[0]);
    int status = 0;
    ::waitpid(pid, &status, 0);
    CHECK(status == 0);
    text.resize(size);
    return text;
}

} // namespace

TEST_CASE("secret: its only printed form is ***, also in a log line") {
    const Secret token("at_1234567890_s1hunter2");
    CHECK(fmt::format("{}", token) == "***");
    agent::log::set_sink([](agent::log::Level, std::string_view line) { last_line = line; });
    agent::log::info("login token={}", token);
    agent::log::set_sink(nullptr);
    CHECK(last_line == "login token=***");
}

TEST_CASE("secret: moved-from secrets are empty") {
    Secret a("0123456789abcdef0123456789abcdef");
    Secret b(std::move(a));
    CHECK(a.empty()); // NOLINT(bugprone-use-after-move): the point of the test
    CHECK(b.reveal() == "0123456789abcdef0123456789abcdef");
    a = b;
    CHECK(a == b);
}

TEST_CASE("secret: copies are of their own, empty ones hold nothing, and long ones fit") {
    const Secret empty;
    CHECK(empty.empty());
    CHECK(Secret(std::string()).reveal().empty());
    Secret a("one");
    const Secret copy(a);
    a = Secret("another");
    CHECK(copy.reveal() == "one");
    CHECK_FALSE(a == copy);
    for (const std::size_t size : {64U, 65U, 1024U, 1025U, 4096U, 100'000U}) {
        const std::string text(size, 'k');
        const Secret large(text);
        CHECK(large.reveal() == text);
        CHECK(Secret(large) == large);
    }
    const Secret& same = a;
    a = same;
    CHECK(a.reveal() == "another");
}

TEST_CASE("secret: what was released is wiped before somebody else gets the memory") {
    char* const first = agent::allocate_locked(200);
    std::memset(first, 'k', 200);
    agent::release_locked(first, 200);
    char* const second = agent::allocate_locked(256); // the same size of block
    REQUIRE(second == first);
    CHECK(std::string_view(second, 256) == std::string(256, '\0'));
    agent::release_locked(second, 256);
}

TEST_CASE("secret: its pages are locked, in no core dump, and not a forked child's") {
    for (const std::size_t size : {24U, 5000U}) {
        const Secret token(std::string(size, 'k'));
        const auto flags = flags_of(token.reveal().data());
        INFO(flags);
        CHECK(has(flags, "dd"));
        CHECK(has(flags, "wf"));
        if (can_lock && agent::all_locked()) CHECK(has(flags, "lo"));
        const auto seen = in_a_child([&] { return std::string(token.reveal().substr(0, 4)); });
        CHECK(seen == std::string(4, '\0'));
    }
}

TEST_CASE("secret: where nothing more can be locked it works all the same, and says so once") {
    const auto said = in_a_child([] {
        const rlimit none{0, 0};
        if (::setrlimit(RLIMIT_MEMLOCK, &none) != 0) return std::string("no limit");
        if (::geteuid() == 0 && ::seteuid(65534) != 0)
            return std::string("still root"); // whom no limit binds
        static int told = 0;
        agent::when_not_locked([] { ++told; });
        const Secret one(std::string(5000, 'k')), two(std::string(5000, 'k'));
        return std::to_string(told) +
               (one == two && agent::all_locked() != can_lock ? " works" : " broken");
    });
    CHECK(said == (can_lock ? "1 works" : "0 works"));
}

TEST_CASE("secret: JSON with a token inside is read as JSON, and overwritten when asked") {
    const auto login =
        agent::parse_secret_json(Secret(R"({"id":"at_1","token":"at_1_s1hunter2hunter2hunter2"})"));
    REQUIRE(login.has_value());
    CHECK(agent::string_member(*login, "token") == "at_1_s1hunter2hunter2hunter2");
    CHECK_FALSE(agent::parse_secret_json(std::string_view("{")).has_value());
    agent::Json tree{{"a", {"hunter2", {{"b", "hunter2"}}}}, {"n", 5}};
    agent::wipe(tree);
    CHECK(agent::dump_json(tree).find("hunter2") == std::string::npos);
}
