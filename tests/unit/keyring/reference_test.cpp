// The login that Boundary's own command stored: what is one, which names are looked for, and what a
// program that is asked for it may do.

#include "base/base64.hpp"
#include "base/json.hpp"
#include "keyring/reference.hpp"
#include "keyring/secret_output.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/run_coroutine.hpp"
#include "support/temp_dir.hpp"

#include <nlohmann/json.hpp>

#include <csignal>
#include <cstdlib>
#include <filesystem>

using namespace agent;
using namespace agent::keyring;
using namespace std::chrono_literals;
using agent::test::read_text;
using agent::test::TempDir;

namespace {

std::string item_with(const std::string& object) {
    return dump_json(Json{{"Data", base64_encode(base64_encode(object, false), true)}});
}

/// A `pass` that notes how it is called, over a store that has any file.
class Pass {
  public:
    explicit Pass(const std::string& item) {
        folder_.folder("bin");
        folder_.folder("store");
        folder_.folder("store/HashiCorp_Boundary");
        folder_.file("item", item);
        const auto script = folder_.file("bin/pass", "#!/bin/sh\necho \"$@\" >> " + in("calls") +
                                                         "\ncat " + in("item") + "\n");
        std::filesystem::permissions(script, std::filesystem::perms::owner_all);
        path_ = std::getenv("PATH");
        ::setenv("PATH", (in("bin") + ":" + path_).c_str(), 1);
        ::setenv("PASSWORD_STORE_DIR", in("store").c_str(), 1);
    }
    ~Pass() {
        ::setenv("PATH", path_.c_str(), 1);
        ::unsetenv("PASSWORD_STORE_DIR");
    }
    void hold(const std::string& name) {
        const std::string file = "store/HashiCorp_Boundary/" + name + ".gpg";
        std::filesystem::create_directories((folder_ / file).parent_path());
        folder_.file(file, "sealed");
    }
    std::string calls() const {
        return std::filesystem::exists(in("calls")) ? read_text(in("calls")) : "";
    }

  private:
    std::string in(const std::string& name) const { return folder_ / name; }
    TempDir folder_;
    std::string path_;
};

Result<std::optional<Secret>> ask(const std::string& name) {
    return test::run([&](boost::asio::io_context&) { return read_pass(name, 10s); });
}

Result<Secret> run(std::vector<std::string> command, std::chrono::milliseconds limit = 20s) {
    return test::run(
        [&](boost::asio::io_context&) { return secret_output(std::move(command), limit); });
}

} // namespace

TEST_CASE("reference: an item holds an auth token, or it is refused without quoting it") {
    const std::string good = R"({"id":"at_1","token":"at_1_hunter2"})";
    const auto decoded = decode_reference_item(item_with(good));
    REQUIRE(decoded.has_value());
    CHECK(decoded->reveal() == good);
    for (const std::string& item :
         {std::string(), std::string("hunter2"), std::string("{}"),
          std::string(R"({"Data":"hunter2 %"})"), item_with("hunter2"), item_with("{}"),
          item_with(R"({"token":""})"), item_with(R"({"token":"hunter2"})"),
          item_with(R"({"token":"s_1_hunter2"})"), item_with(R"({"token":7})"),
          item_with(R"(["at_1_hunter2"])"), std::string(R"(["Data"])")}) {
        INFO(item);
        const auto refused = decode_reference_item(item);
        REQUIRE_FALSE(refused.has_value());
        CHECK(refused.error().code == Errc::keyring_failed);
        CHECK(refused.error().message.find("hunter2") == std::string::npos);
    }
}

TEST_CASE("reference: pass is asked for an entry that is there, and for no name that is an option, "
          "a path or hidden") {
    Pass pass(item_with(R"({"id":"at_1","token":"at_1_hunter2"})"));
    pass.hold("default");
    const auto found = ask("default");
    REQUIRE((found && *found));
    CHECK(pass.calls() == "show HashiCorp_Boundary/default\n");
    for (const auto* name : {"-c", "--help", ".hidden", "..", "a/b", "../default", "a b", "a\nb",
                             "a;b", "$(x)", "not-there", ""}) {
        INFO(name);
        if (*name != '\0' && std::string(name) != "not-there" && std::string(name) != "..")
            pass.hold(name);
        const auto none = ask(name);
        REQUIRE(none.has_value());
        CHECK_FALSE(none->has_value());
    }
    const auto long_name = ask(std::string(129, 'a'));
    CHECK((long_name && !*long_name));
    CHECK(pass.calls() == "show HashiCorp_Boundary/default\n");
}

TEST_CASE("reference: an entry that is none is an error") {
    Pass pass("what is this\n");
    pass.hold("default");
    const auto none = ask("default");
    REQUIRE_FALSE(none.has_value());
    CHECK(none.error().code == Errc::keyring_failed);
}

TEST_CASE("run program: what it prints is all there, what it says elsewhere is nobody's") {
    const auto said = run({"sh", "-c", "printf 'one\\ntwo'; echo no >&2"});
    REQUIRE(said.has_value());
    CHECK(said->reveal() == "one\ntwo");
    const auto input = run({"sh", "-c", "cat; echo end"}); // nobody types
    REQUIRE(input.has_value());
    CHECK(input->reveal() == "end\n");
}

TEST_CASE("run program: one that fails, cannot be run, or is killed is an error that names it") {
    for (const auto* what : {"exit 3", "kill -9 $$"}) {
        const auto failed = run({"sh", "-c", what});
        REQUIRE_FALSE(failed.has_value());
        CHECK(failed.error().code == Errc::keyring_failed);
        CHECK(failed.error().message.starts_with("sh: "));
    }
    const auto absent = run({"agentd-test-no-such-program"});
    REQUIRE_FALSE(absent.has_value());
    CHECK(absent.error().code == Errc::keyring_failed);
    CHECK(absent.error().message.find("agentd-test-no-such-program") != std::string::npos);
}

TEST_CASE("run program: one that does not end is ended, and so is one that prints without end") {
    const TempDir folder;
    const std::string note = folder / "pid";
    const auto late = run({"sh", "-c", "echo $$ > " + note + "; exec sleep 600"}, 1s);
    REQUIRE_FALSE(late.has_value());
    CHECK(late.error().message.find("did not end in 1 s") != std::string::npos);
    const pid_t pid = static_cast<pid_t>(std::stoi(read_text(note)));
    CHECK(test::eventually([&] { return ::kill(pid, 0) != 0; }));
    const auto endless = run({"sh", "-c", "while :; do echo xxxxxxxxxxxxxxxx; done"}, 5s);
    if (endless) CHECK(endless->reveal().size() <= 64 * 1024);
}

TEST_CASE("run program: it has none of our files") {
    int ends[2];
    REQUIRE(::pipe(ends) == 0); // without O_CLOEXEC, as a library may have made one
    const auto listed = run({"sh", "-c", "ls /proc/self/fd | tr '\\n' ' '"});
    ::close(ends[0]);
    ::close(ends[1]);
    REQUIRE(listed.has_value());
    CHECK(listed->reveal() == "0 1 2 3 "); // the last one is ls's own
}
