#include "base/spawn.hpp"

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>

#include <csignal>

namespace {

int status_of(const agent::Command& command) {
    const auto pid = agent::spawn(command);
    REQUIRE(pid.has_value());
    int status = -1;
    REQUIRE(::waitpid(*pid, &status, 0) == *pid);
    return status;
}

agent::Command shell(std::string script) {
    agent::Command command;
    command.words = {"/bin/sh", "-c", std::move(script)};
    return command;
}

std::string output_of(agent::Command command) {
    auto pipe = agent::make_pipe();
    REQUIRE(pipe.has_value());
    command.out = pipe->write.get();
    const int status = status_of(command);
    pipe->write.reset();
    std::string text(4096, '\0');
    const auto size = ::read(pipe->read.get(), text.data(), text.size());
    text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    CHECK(status == 0);
    return text;
}

} // namespace

TEST_CASE("spawn: a program has the words, variables and folder that it was given, and no others") {
    const agent::test::TempDir folder;
    auto command = shell("echo \"$0 $ONE ${HOME-none}\"; pwd -P");
    command.words.push_back("name");
    command.environment = {"ONE=1"};
    command.folder = folder.path();
    CHECK(output_of(command) ==
          "name 1 none\n" + std::filesystem::canonical(folder.path()).string() + "\n");
}

TEST_CASE("spawn: what is open here is closed there, unless it was meant") {
    const int open = ::open("/dev/null", O_RDONLY); // without close-on-exec
    REQUIRE(open > 3);
    auto command = shell("for one in 3 " + std::to_string(open) +
                         "; do test -e /proc/self/fd/$one && echo $one; done; true");
    CHECK(output_of(command).empty());
    command.third = open;
    CHECK(output_of(command) == "3\n");
    command.third = -1;
    command.all_descriptors = true;
    CHECK(output_of(command).find(std::to_string(open) + "\n") != std::string::npos);
    ::close(open);
}

TEST_CASE("spawn: no signal is blocked there, and what we ignore ends it") {
    const bool own_session = GENERATE(false, true);
    sigset_t term, before;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    ::sigprocmask(SIG_BLOCK, &term, &before);
    const auto pipe_before = std::signal(SIGPIPE, SIG_IGN);
    auto by_term = shell("kill -TERM $$; exit 3");
    auto by_pipe = shell("kill -PIPE $$; exit 3");
    by_term.own_session = by_pipe.own_session = own_session;
    const int term_status = status_of(by_term);
    const int pipe_status = status_of(by_pipe);
    std::signal(SIGPIPE, pipe_before);
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
    CHECK(WTERMSIG(term_status) == SIGTERM);
    CHECK(WTERMSIG(pipe_status) == SIGPIPE);
}

TEST_CASE("spawn: in a session of its own a program ignores no signal that we ignore") {
    const auto before = std::signal(SIGHUP, SIG_IGN);
    auto command = shell("kill -HUP $$; exit 3");
    const int same = status_of(command); // nohup's users rely on it
    command.own_session = true;
    const int own = status_of(command);
    std::signal(SIGHUP, before);
    CHECK((WIFEXITED(same) && WEXITSTATUS(same) == 3));
    CHECK((WIFSIGNALED(own) && WTERMSIG(own) == SIGHUP));
}

TEST_CASE("spawn: a program that is not there is an error that begins as the caller says") {
    agent::Command command;
    command.words = {"/nonexistent/program"};
    CHECK(agent::spawn(command).error().message ==
          "run /nonexistent/program: no such file or directory");
    CHECK(agent::spawn(command, "start it").error().message ==
          "start it: no such file or directory");
}

TEST_CASE("spawn: the end of a process can be waited for") {
    const auto pid = agent::spawn(shell("exit 0"));
    REQUIRE(pid.has_value());
    const auto process = agent::open_process(*pid);
    REQUIRE(process.has_value());
    pollfd ended{process->get(), POLLIN, 0};
    CHECK(::poll(&ended, 1, 20'000) == 1);
    ::waitpid(*pid, nullptr, 0);
    CHECK_FALSE(agent::open_process(*pid).has_value());
}
