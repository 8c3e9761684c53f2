#pragma once
// check_refused: a command failed as it should: nothing on standard output, the exit code, and each
// of these texts on standard error. Used by the bad_…_test.cpp files.

#include "support/catch.hpp"
#include "support/process.hpp"

#include <initializer_list>
#include <string_view>

namespace agent::test {

inline void check_refused(const Ended& ended, int exit,
                          std::initializer_list<std::string_view> texts) {
    INFO("stdout: " << ended.out << "stderr: " << ended.err);
    CHECK(ended.exit == exit);
    CHECK(ended.out.empty());
    for (const auto text : texts) {
        INFO("expected: " << text);
        CHECK(ended.err.find(text) != std::string::npos);
    }
}

} // namespace agent::test
