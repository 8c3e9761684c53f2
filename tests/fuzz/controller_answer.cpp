// An answer of a controller, as its bytes arrive: HTTP (with a length, chunked, to the end of the
// stream), then JSON within bounds, then a page of a list. The outcome must not depend on how the
// bytes were cut, what was accepted must be JSON, and nothing may grow past its bound. Input: its
// first byte chooses the cuts, the rest is the answer.

#include "base/json.hpp"
#include "controller/json_text.hpp"
#include "controller/list_merge.hpp"
#include "controller/page_reader.hpp"
#include "controller/response_reader.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>

using namespace agent;
using namespace agent::controller;

namespace {

constexpr std::size_t room = 4096;

struct Outcome {
    bool done = false;
    int status = 0;
    bool keep_alive = false;
    std::optional<Errc> refused;
    std::string text;
    Page page;
};

/// `cut`: the length of the next piece.
template <class Cut> Outcome read(std::string_view bytes, bool as_page, Cut cut) {
    JsonText text({room, 200});
    PageReader page(room);
    BodyReader& body = as_page ? static_cast<BodyReader&>(page) : text;
    ResponseReader reader([&](const ResponseHead&) -> BodyReader& { return body; });
    boost::system::error_code ec;
    while (!bytes.empty() && !ec && !reader.done()) {
        const auto piece = bytes.substr(0, cut());
        ec = reader.feed(piece);
        bytes.remove_prefix(piece.size());
    }
    if (!ec && !reader.done()) ec = reader.end();
    if (!ec && !reader.done()) std::abort(); // neither an answer nor an error
    if (reader.refused() && !ec) std::abort();
    Outcome outcome;
    outcome.done = !ec;
    if (reader.refused()) outcome.refused = reader.refused()->code;
    if (ec) return outcome;
    outcome.status = reader.head().status;
    outcome.keep_alive = reader.head().keep_alive;
    outcome.text = text.take();
    outcome.page = page.take();
    return outcome;
}

bool same(const Outcome& a, const Outcome& b) {
    if (a.done != b.done || a.refused != b.refused || a.text != b.text || a.status != b.status)
        return false;
    if (a.keep_alive != b.keep_alive || a.page.removed_ids != b.page.removed_ids) return false;
    if (a.page.items.size() != b.page.items.size() || a.page.list_token != b.page.list_token)
        return false;
    for (std::size_t i = 0; i < a.page.items.size(); ++i)
        if (a.page.items[i].text != b.page.items[i].text ||
            a.page.items[i].id != b.page.items[i].id)
            return false;
    return true;
}

void check_text(const std::string& text) {
    if (text.empty()) return;
    if (text.size() > room + 65536) std::abort();
    const auto tree = parse_json(text);
    if (!tree || !tree->is_object()) std::abort();
    JsonText again;
    again.begin();
    if (!again.feed(text) || !again.finish() || again.take() != text)
        std::abort(); // compact already
}

void check_page(Page page) {
    std::size_t cost = 0;
    for (const auto& item : page.items) {
        cost += item.cost();
        const auto tree = parse_json(item.text);
        if (!tree) std::abort();
        if (!item.id.empty() && tree->is_object() && find_member(*tree, "id") == nullptr)
            std::abort();
    }
    if (cost > room) std::abort();
    ListMerge merge;
    const Page copy = page;
    merge.add(std::move(page));
    if (!copy.list_token.empty()) { // a list that goes on is told from one that goes round
        if (merge.repeats(copy.list_token) || !merge.repeats(copy.list_token)) std::abort();
        if (merge.repeats(copy.list_token + "x")) std::abort();
    }
    const auto held = merge.cost();
    merge.add(copy);
    if (merge.cost() < held && copy.removed_ids.empty()) std::abort();
    (void)merge.take_sorted();
    if (merge.cost() != 0) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    for (const bool as_page : {false, true}) {
        const auto whole = read(bytes, as_page, [&] { return bytes.size(); });
        std::minstd_rand dice(data[0]);
        const auto in_pieces =
            read(bytes, as_page, [&] { return 1 + dice() % (1 + data[0] % 64); });
        if (!same(whole, in_pieces)) std::abort();
        check_text(whole.text);
        check_page(whole.page);
    }
    return 0;
}
