// Runs one fuzz target without libFuzzer: every file of a corpus folder as it is, then copies of it
// damaged the same way in every run. So each parser's corpus is a normal test under every preset
// and compiler.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

namespace {

constexpr std::size_t damaged_copies = 10000; // of the whole corpus together

std::vector<std::string> read_corpus(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        paths.push_back(entry.path());
    std::ranges::sort(paths);
    std::vector<std::string> files;
    for (const auto& path : paths) {
        std::ifstream in(path, std::ios::binary);
        files.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    }
    return files;
}

void run(const std::string& input) {
    // A copy of exactly this size, so that AddressSanitizer sees a read behind the end.
    const std::vector<std::uint8_t> bytes(input.begin(), input.end());
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

std::string damaged(std::string text, const std::vector<std::string>& corpus, std::mt19937& dice) {
    const auto below = [&](std::size_t bound) { return bound == 0 ? 0 : dice() % bound; };
    for (auto left = 1 + below(4); left > 0; --left) {
        const auto at = below(text.size() + 1);
        const auto length = below(std::min<std::size_t>(text.size() - at, 16) + 1);
        switch (below(7)) {
        case 0:
            if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << below(8)));
            break;
        case 1:
            if (at < text.size()) text[at] = static_cast<char>(below(256));
            break;
        case 2:
            text.erase(at, length);
            break;
        case 3:
            text.insert(at, 1 + below(8), static_cast<char>(below(256)));
            break;
        case 4:
            text.insert(at, text.substr(at, length));
            break;
        case 5:
            text.resize(at);
            break;
        default:
            text = text.substr(0, at) + corpus[below(corpus.size())].substr(0, 64);
            break;
        }
    }
    return text;
}

} // namespace

int main(int count, char** words) {
    if (count != 2) {
        std::fprintf(stderr, "usage: %s CORPUS-FOLDER\n", words[0]);
        return EXIT_FAILURE;
    }
    const auto corpus = read_corpus(words[1]);
    if (corpus.empty()) {
        std::fprintf(stderr, "%s: the corpus is empty\n", words[1]);
        return EXIT_FAILURE;
    }
    for (const auto& file : corpus) run(file);
    std::mt19937 dice(1);
    for (std::size_t i = 0; i < damaged_copies; ++i)
        run(damaged(corpus[i % corpus.size()], corpus, dice));
    std::printf("%zu files and %zu damaged copies\n", corpus.size(), damaged_copies);
}
