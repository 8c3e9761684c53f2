#include "base/command_line.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace agent {

namespace {

constexpr std::size_t longest_blot = 3; // "***": how long a secret is, is nobody's business

void blot_out(char* text) {
    const std::size_t size = std::strlen(text);
    ::explicit_bzero(text, size);
    std::memset(text, '*', std::min(size, longest_blot));
}

} // namespace

CommandLine::CommandLine(int argc, char** argv) : shown_(argv + 1) {
    if (argc < 1) return;
    words_.assign(argv + 1, argv + argc);
    for (const auto& word : words_) sizes_.push_back(word.size());
    for (char** word = argv + 1; word != argv + argc; ++word) blot_out(*word);
}

CommandLine::~CommandLine() {
    for (auto& word : words_) wipe(word);
}

void CommandLine::show(const std::string& word) {
    const auto at = static_cast<std::size_t>(&word - words_.data());
    if (word.size() == sizes_[at]) word.copy(shown_[at], word.size());
}

std::optional<Secret> take_from_environment(const std::string& name) {
    std::optional<Secret> taken;
    const std::string begin = name + "=";
    for (char** entry = ::environ; entry != nullptr && *entry != nullptr; ++entry) {
        if (!std::string_view(*entry).starts_with(begin)) continue;
        char* const value = *entry + begin.size();
        if (!taken) taken.emplace(std::string(value)); // as getenv: the first counts
        ::explicit_bzero(value, std::strlen(value));
    }
    ::unsetenv(name.c_str());
    return taken;
}

} // namespace agent
