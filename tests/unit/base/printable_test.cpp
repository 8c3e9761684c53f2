#include "base/printable.hpp"

#include "base/log.hpp"
#include "base/unique_fd.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <string>
#include <vector>

using namespace agent;

namespace {

/// In UTF-8.
std::string encoded(char32_t c) {
    const auto tail = [&](unsigned shift) {
        return static_cast<char>(0x80U | ((c >> shift) & 0x3FU));
    };
    if (c < 0x80) return {static_cast<char>(c)};
    if (c < 0x800) return {static_cast<char>(0xC0U | (c >> 6U)), tail(0)};
    if (c < 0x10000) return {static_cast<char>(0xE0U | (c >> 12U)), tail(6), tail(0)};
    return {static_cast<char>(0xF0U | (c >> 18U)), tail(12), tail(6), tail(0)};
}

} // namespace

TEST_CASE("printable: what people write stays as it is, in any script") {
    for (const std::string text :
         {"plain ASCII ~", "Größe", "база данных", "データ", "مرحبا", "👍🏽",
          "a\xC2\xA0"
          "b",
          ""}) {
        INFO(text);
        CHECK(printable(text) == text);
    }
    CHECK(printable("❤\xEF\xB8\x8F") == "❤"); // only chose the coloured picture
}

TEST_CASE("printable: no character turns the text around, hides in it or steers the terminal") {
    std::vector<char32_t> bad;
    const auto add = [&](char32_t first, char32_t last) {
        for (char32_t c = first; c <= last; ++c) bad.push_back(c);
    };
    add(0x200B, 0x200F);
    add(0x202A, 0x202E);
    add(0x2060, 0x206F);
    add(0xE0000, 0xE007F);
    for (const char32_t c : {0x00ADU, 0x061CU, 0x180EU, 0x3164U, 0xFEFFU, 0xFFF9U})
        bad.push_back(c);
    for (const char32_t c : bad) {
        INFO(std::hex << static_cast<unsigned long>(c));
        CHECK(printable("pay" + encoded(c) + "roll") == "pay\xEF\xBF\xBDroll");
    }
    bad.clear();
    add(0x00, 0x1F);
    add(0x7F, 0x9F);
    add(0x2028, 0x2029);
    for (const char32_t c : bad) {
        INFO(std::hex << static_cast<unsigned long>(c));
        CHECK(printable("pay" + encoded(c) + "roll") == "pay roll");
    }
    CHECK(printable_lines("one\ntwo\r\x1B[2J") == "one\ntwo  [2J");
}

TEST_CASE("printable: what is not UTF-8 is shown as that, and swallows nothing behind it") {
    for (const std::string bad :
         {"\x80", "\xC2", "\xC0\xAF", "\xE2\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xFF"}) {
        const std::string shown = printable("a" + bad + "z");
        CHECK(shown.starts_with("a\xEF\xBF\xBD"));
        CHECK(shown.ends_with("z"));
        CHECK(shown.find(bad) == std::string::npos);
    }
}

TEST_CASE(
    "printable: a line of the log is one line, and hides nothing of what a peer put into it") {
    const test::TempDir folder;
    const auto path = folder.file("log", "");
    const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    const UniqueFd before(::dup(STDERR_FILENO));
    ::dup2(file.get(), STDERR_FILENO);
    log::warning("session {} ended", "a\nb\x1B[2J\xC2\x9B\xE2\x80\xAE\xE2\x80\x8B\xFF");
    ::dup2(before.get(), STDERR_FILENO);
    const std::string none = "\xEF\xBF\xBD";
    CHECK(test::read_text(path) == "<4>session a\\x0ab\\x1b[2J " + none + none + none + " ended\n");
}
