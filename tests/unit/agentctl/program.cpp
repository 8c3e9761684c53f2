#include "program.hpp"

#include <cstdlib>

namespace agentctl::test {
namespace {

constexpr std::chrono::seconds limit{30};

agent::test::Process start(const RuntimeDir& dir, std::vector<std::string> arguments,
                           agent::test::Environment environment, const std::string& input) {
    environment.try_emplace("XDG_RUNTIME_DIR", dir.path());
    environment.try_emplace("XDG_STATE_HOME", dir.path() + "/state");
    environment.try_emplace("AGENTCTL_NO_START", "1");
    environment.try_emplace("TZ", "UTC");
    environment.try_emplace("PATH", "/usr/bin:/bin");
    for (const char* sanitizer : {"ASAN_OPTIONS", "UBSAN_OPTIONS"})
        if (const char* value = std::getenv(sanitizer); value != nullptr)
            environment.try_emplace(sanitizer, value);
    arguments.insert(arguments.begin(), AGENTCTL_PROGRAM);
    return agent::test::Process(std::move(arguments),
                                {.environment = std::move(environment), .input = input});
}

} // namespace

Program::Program(const RuntimeDir& dir, std::vector<std::string> arguments,
                 agent::test::Environment environment, const std::string& input)
    : process_(start(dir, std::move(arguments), std::move(environment), input)) {}

void Program::take_output() {
    out = process_.out();
    err = process_.err();
}

void Program::give_up(const std::string& what) const {
    throw std::runtime_error(what + " within half a minute; standard output: " + out +
                             "\nstandard error: " + err);
}

void Program::await_output(const std::string& text) {
    const bool there = process_.wait_for(text, limit);
    take_output();
    if (!there) give_up("no \"" + text + "\"");
}

int Program::await_exit() {
    const int code = process_.wait(limit).exit;
    take_output();
    if (code < 0) give_up("no end");
    return code;
}

} // namespace agentctl::test
