// Tags that the API gives workers, beside those of a worker's own configuration.

#include "devserver/api/collections.hpp"
#include "devserver/api/crud.hpp"
#include "devserver/api/permissions.hpp"

#include <algorithm>

namespace devserver {
namespace {

enum class TagChange { add, set, remove };
constexpr std::size_t max_tags = 500;

Reply bad(const char* problem) {
    return invalid_argument("Errors in provided fields.", {{"api_tags", problem}});
}

/// Why these are no tags: {"key": ["value", …], …}.
const char* complaint(const Json* tags) {
    if (tags == nullptr || !tags->is_object() || tags->size() > max_tags)
        return "This must be an object of lists of texts.";
    for (const auto& [key, values] : tags->items()) {
        if (key.empty() || key.size() > 255) return "Tag keys must be of 1 to 255 characters.";
        if (!values.is_array() || values.empty() || values.size() > max_tags)
            return "Tag values must be non-empty.";
        for (const auto& value : values)
            if (!value.is_string() || value == Json("") ||
                value.get_ref<const std::string&>().size() > 255)
                return "Tag values must be strings.";
    }
    return nullptr;
}

Json changed(Json tags, const Json& given, TagChange change) {
    if (change == TagChange::set) return given;
    for (const auto& [key, values] : given.items()) {
        Json kept = Json::array();
        if (tags.contains(key))
            for (const auto& value : tags[key])
                if (std::ranges::find(values, value) == values.end()) kept.push_back(value);
        if (change == TagChange::add)
            for (const auto& value : values) kept.push_back(value);
        if (kept.empty())
            tags.erase(key);
        else
            tags[key] = std::move(kept);
    }
    return tags;
}

Reply change_tags(Call& call, Resource worker, TagChange change) {
    const char* verb = change == TagChange::add   ? "add"
                       : change == TagChange::set ? "set"
                                                  : "remove";
    if (auto refusal = refuse_action(call, worker, std::string(verb) + "-worker-tags"))
        return *refusal;
    if (auto refusal = refuse_version(call, worker)) return *refusal;
    static const Json none = Json::object();
    const Json* given = agent::find_member(call.body, "api_tags");
    if (given == nullptr && change == TagChange::set) given = &none;
    if (const char* problem = complaint(given)) return bad(problem);
    if (given->empty() && change != TagChange::set) return bad("Must be non-empty.");
    const Json* present = agent::find_member(worker.extra, "api_tags");
    auto tags = changed(present != nullptr ? *present : none, *given, change);
    const bool too_many =
        std::ranges::any_of(tags, [](const Json& values) { return values.size() > max_tags; });
    if (too_many || tags.size() > max_tags) return bad("These are too many.");
    worker.extra["api_tags"] = std::move(tags);
    return {200, render(call, call.store.resources.update(worker), true)};
}

} // namespace

Reply add_worker_tags(Call& call, const Resource& worker) {
    return change_tags(call, worker, TagChange::add);
}
Reply set_worker_tags(Call& call, const Resource& worker) {
    return change_tags(call, worker, TagChange::set);
}
Reply remove_worker_tags(Call& call, const Resource& worker) {
    return change_tags(call, worker, TagChange::remove);
}

} // namespace devserver
