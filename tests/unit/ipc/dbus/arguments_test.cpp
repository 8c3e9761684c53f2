// The bounds of what may be said in the options of one call, and secrets that come and go as files.

#include "ipc/dbus/arguments.hpp"

#include "ipc/dbus/bus_error.hpp"
#include "ipc/dbus/handles.hpp"
#include "ipc/dbus/limits.hpp"
#include "support/catch.hpp"
#include "support/run_coroutine.hpp"
#include "support/temp_dir.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

using namespace ipc::dbus;
using agent::Errc;
using agent::Secret;
using agent::UniqueFd;
using agent::test::run;

namespace {

/// Messages are made on a connection that leads nowhere.
struct Maker {
    Maker() {
        int ends[2];
        REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == 0);
        other.reset(ends[1]);
        sd_bus* made = nullptr;
        sd_id128_t id{};
        id.bytes[0] = 1;
        REQUIRE(::sd_bus_new(&made) >= 0);
        bus.reset(made);
        REQUIRE(::sd_bus_set_fd(made, ends[0], ends[0]) >= 0);
        REQUIRE(::sd_bus_set_server(made, 1, id) >= 0);
        REQUIRE(::sd_bus_start(made) >= 0);
        sd_bus_message* call = nullptr;
        REQUIRE(::sd_bus_message_new_method_call(made, &call, nullptr, "/x", "org.example", "C") >=
                0);
        message.reset(call);
    }
    sd_bus_message* get() { return message.get(); }
    void begin() { REQUIRE(::sd_bus_message_open_container(get(), 'a', "{sv}") >= 0); }
    void end() { REQUIRE(::sd_bus_message_close_container(get()) >= 0); }
    void text(const std::string& key, const std::string& value) {
        REQUIRE(::sd_bus_message_append(get(), "{sv}", key.c_str(), "s", value.c_str()) >= 0);
    }
    /// "a": {"a": {… "end": "x"}}, `depth` dictionaries in all.
    void nested(int depth) {
        begin();
        for (int i = 1; i < depth; ++i) {
            REQUIRE(::sd_bus_message_open_container(get(), 'e', "sv") >= 0);
            REQUIRE(::sd_bus_message_append(get(), "s", "a") >= 0);
            REQUIRE(::sd_bus_message_open_container(get(), 'v', "a{sv}") >= 0);
            begin();
        }
        text("end", "x");
        for (int i = 1; i < depth; ++i) {
            end();
            end();
            end();
        }
        end();
    }
    agent::Result<Options> read() {
        REQUIRE(::sd_bus_message_seal(get(), 1, 0) >= 0);
        return read_options(get());
    }

    BusPtr bus;
    UniqueFd other;
    MessagePtr message;
};

agent::Result<Secret> secret_in(UniqueFd fd) {
    return run([&](boost::asio::io_context&) { return read_secret(std::move(fd)); });
}

UniqueFd pipe_with(const std::string& text, UniqueFd* keep_open = nullptr) {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    UniqueFd write_end(ends[1]);
    REQUIRE(::write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    if (keep_open != nullptr) *keep_open = std::move(write_end);
    return UniqueFd(ends[0]);
}

} // namespace

TEST_CASE("d-bus options: as deep as they may be, and no deeper") {
    for (int depth = 1; depth <= max_argument_depth + 3; ++depth) {
        INFO(depth);
        Maker maker;
        maker.nested(depth);
        const auto options = maker.read();
        CHECK(options.has_value() == (depth <= max_argument_depth));
        if (!options) CHECK(options.error().code == Errc::invalid_argument);
    }
}

TEST_CASE("d-bus options: as many as they may be, and no more, wherever they stand") {
    for (const std::size_t count : {max_argument_members, max_argument_members + 1}) {
        Maker maker;
        maker.begin();
        for (std::size_t i = 0; i < count; ++i) maker.text("k" + std::to_string(i), "");
        maker.end();
        const auto options = maker.read();
        CHECK(options.has_value() == (count == max_argument_members));
        if (options) CHECK(options->members.size() == count);
    }
    Maker same; // the same name again and again counts, too
    same.begin();
    for (std::size_t i = 0; i <= max_argument_members; ++i) same.text("k", "");
    same.end();
    CHECK_FALSE(same.read().has_value());
}

TEST_CASE("d-bus options: their text together has a bound, in strings and in lists of strings") {
    for (const std::size_t more : {0U, 1U}) {
        Maker maker;
        maker.begin();
        const std::size_t half = max_argument_bytes / 2;
        maker.text("a", std::string(half, 'x'));
        maker.text("b", std::string(max_argument_bytes - half + more, 'x'));
        maker.end();
        const auto options = maker.read();
        CHECK(options.has_value() == (more == 0));
        if (!options) CHECK(options.error().code == Errc::limit_exceeded);
    }
    Maker list;
    list.begin();
    const std::string half(max_argument_bytes / 2 + 1, 'x');
    REQUIRE(::sd_bus_message_append(list.get(), "{sv}", "l", "as", 2, half.c_str(), half.c_str()) >=
            0);
    list.end();
    CHECK_FALSE(list.read().has_value());
}

TEST_CASE("d-bus options: each kind of value arrives as it was, at the ends of its range") {
    Maker maker;
    maker.begin();
    const auto add = [&](const char* key, const char* type, auto value) {
        REQUIRE(::sd_bus_message_append(maker.get(), "{sv}", key, type, value) >= 0);
    };
    add("b", "b", 1);
    add("y", "y", 255);
    add("n", "n", -32768);
    add("q", "q", 65535);
    add("i", "i", std::numeric_limits<std::int32_t>::min());
    add("u", "u", std::numeric_limits<std::uint32_t>::max());
    add("x", "x", std::numeric_limits<std::int64_t>::min());
    add("t", "t", std::numeric_limits<std::uint64_t>::max());
    add("o", "o", "/a/b");
    add("g", "g", "a{sv}");
    maker.text("s", "ü");
    REQUIRE(::sd_bus_message_append(maker.get(), "{sv}", "as", "as", 2, "one", "two") >= 0);
    maker.end();
    const auto options = maker.read();
    REQUIRE(options.has_value());
    const auto& members = options->members;
    CHECK(members["b"] == true);
    CHECK(members["y"] == 255);
    CHECK(members["n"] == -32768);
    CHECK(members["q"] == 65535);
    CHECK(members["i"] == std::numeric_limits<std::int32_t>::min());
    CHECK(members["u"] == std::numeric_limits<std::uint32_t>::max());
    CHECK(members["x"] == std::numeric_limits<std::int64_t>::min());
    CHECK(members["t"] == std::numeric_limits<std::uint64_t>::max());
    CHECK(members["o"] == "/a/b");
    CHECK(members["g"] == "a{sv}");
    CHECK(members["s"] == "ü");
    CHECK(members["as"] == ipc::Json::array({"one", "two"}));
}

TEST_CASE("d-bus secret: without the line break at its end, and only that one") {
    for (const auto& [said, meant] :
         std::vector<std::pair<std::string, std::string>>{{"hunter2", "hunter2"},
                                                          {"hunter2\n", "hunter2"},
                                                          {"hunter2\n\n", "hunter2\n"},
                                                          {"", ""},
                                                          {"\n", ""},
                                                          {" a b ", " a b "}}) {
        const auto by_pipe = secret_in(pipe_with(said));
        REQUIRE(by_pipe.has_value());
        CHECK(by_pipe->reveal() == meant);
        const agent::test::TempDir folder;
        const std::string path = folder.file("secret", said);
        const auto by_file = secret_in(UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC)));
        REQUIRE(by_file.has_value());
        CHECK(by_file->reveal() == meant);
    }
}

TEST_CASE("d-bus secret: as long as it may be, and no longer, from a file and from a pipe") {
    const agent::test::TempDir folder;
    for (const std::size_t more : {0U, 1U, 1U << 20U}) {
        const std::string said(max_secret_bytes + more, 'x');
        const std::string path = folder.file("secret", said);
        const auto by_file = secret_in(UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC)));
        CHECK(by_file.has_value() == (more == 0));
        if (!by_file) CHECK(by_file.error().code == Errc::limit_exceeded);
        int ends[2];
        REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
        std::thread writer([fd = ends[1], &said] {
            (void)!::send(fd, said.data(), said.size(), MSG_NOSIGNAL);
            ::close(fd);
        });
        const auto by_socket = secret_in(UniqueFd(ends[0]));
        writer.join();
        CHECK(by_socket.has_value() == (more == 0));
    }
}

TEST_CASE("d-bus secret: what is neither file, pipe nor socket is refused") {
    for (const auto* path : {"/dev/zero", "/dev/null", "/"}) {
        INFO(path);
        const auto none = secret_in(UniqueFd(::open(path, O_RDONLY | O_CLOEXEC)));
        REQUIRE_FALSE(none.has_value());
        CHECK(none.error().code == Errc::invalid_argument);
    }
}

TEST_CASE("d-bus secret: a file that is handed out can be read once and changed by nobody") {
    const std::string text(200'000, 's');
    const auto file = secret_file(Secret(text));
    REQUIRE(file.has_value());
    std::string got(text.size() + 10, '\0');
    const auto n = ::read(file->get(), got.data(), got.size());
    got.resize(n < 0 ? 0 : static_cast<std::size_t>(n));
    CHECK((got == text));
    CHECK(::pwrite(file->get(), "x", 1, 0) < 0);
    CHECK(::ftruncate(file->get(), 1) < 0);
    CHECK(::ftruncate(file->get(), 1'000'000) < 0);
    CHECK(::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file->get(), 0) == MAP_FAILED);
    constexpr int all = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;
    CHECK((::fcntl(file->get(), F_GET_SEALS) & all) == all);
}
