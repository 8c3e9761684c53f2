#include "devserver/worker/faults.hpp"

#include <charconv>
#include <map>
#include <string>

namespace devserver {
namespace {

using agent::Errc;
using agent::fail;
using agent::Hop;
using Setter = bool (*)(WorkerFaults&, std::string_view);

template <class Number> bool read(std::string_view text, Number& out) {
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), out);
    return ec == std::errc() && end == text.data() + text.size() && out >= Number{};
}

template <auto member> bool number(WorkerFaults& faults, std::string_view text) {
    return read(text, faults.*member);
}
template <auto member> bool bytes(WorkerFaults& faults, std::string_view text) {
    return read(text, (faults.*member).emplace());
}
template <auto member> bool time(WorkerFaults& faults, std::string_view text) {
    std::int64_t count = 0;
    if (!read(text, count)) return false;
    faults.*member = std::chrono::milliseconds(count);
    return true;
}
template <auto member> bool flag(WorkerFaults& faults, std::string_view text) {
    faults.*member = true;
    return text.empty();
}

bool frames(WorkerFaults& faults, std::string_view text) {
    using Frames = WorkerFaults::Frames;
    static const std::map<std::string_view, Frames> shapes = {
        {"split", Frames::split}, {"empty", Frames::empty}, {"endless", Frames::endless}};
    const auto found = shapes.find(text);
    if (found == shapes.end()) return false;
    faults.frames = found->second;
    return true;
}

const std::map<std::string_view, Setter>& setters() {
    static const std::map<std::string_view, Setter> all = {
        {"refuse", number<&WorkerFaults::refuse>},
        {"reset", number<&WorkerFaults::reset>},
        {"cannot-activate", number<&WorkerFaults::cannot_activate>},
        {"lose-early", flag<&WorkerFaults::lose_early>},
        {"drop-behind-get", flag<&WorkerFaults::drop_behind_get>},
        {"delay", time<&WorkerFaults::delay>},
        {"stale-alert", time<&WorkerFaults::stale_alert>},
        {"stale-reset", time<&WorkerFaults::stale_reset>},
        {"frames", frames},
        {"reset-after", bytes<&WorkerFaults::reset_after>},
        {"close-after", bytes<&WorkerFaults::close_after>},
        {"deaf-after", bytes<&WorkerFaults::deaf_after>},
        {"dead-after", bytes<&WorkerFaults::dead_after>},
        {"vanish", flag<&WorkerFaults::vanish>},
    };
    return all;
}

} // namespace

agent::Result<WorkerFaults> parse_faults(std::string_view text) {
    WorkerFaults faults;
    while (!text.empty()) {
        const auto word = text.substr(0, text.find(','));
        text.remove_prefix(std::min(text.size(), word.size() + 1));
        const auto name = word.substr(0, word.find('='));
        const auto value =
            name.size() < word.size() ? word.substr(name.size() + 1) : std::string_view();
        const auto setter = setters().find(name);
        if (setter == setters().end() || !setter->second(faults, value))
            return fail(Errc::invalid_argument, Hop::local,
                        "\"" + std::string(word) +
                            "\" is no fault of src/devserver/worker/README.md");
    }
    return faults;
}

} // namespace devserver
