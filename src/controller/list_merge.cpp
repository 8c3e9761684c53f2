#include "controller/list_merge.hpp"

#include <algorithm>
#include <functional>

namespace agent::controller {

bool ListMerge::add(Page page) {
    bool changed = false;
    for (auto& item : page.items) changed = put(std::move(item)) || changed;
    for (const auto& id : page.removed_ids) changed = remove(id) || changed;
    return changed;
}

bool ListMerge::repeats(const std::string& token) {
    const bool known = !tokens_.insert(token).second;
    if (!known) cost_ += token.size() + item_overhead_bytes;
    return known;
}

bool ListMerge::put(ListItem item) {
    const auto known = item.id.empty() ? places_.end() : places_.find(item.id);
    if (known != places_.end()) {
        ListItem& place = items_[known->second];
        const bool differs = place.text != item.text;
        cost_ = cost_ - place.cost() + item.cost();
        place = std::move(item);
        return differs;
    }
    if (!item.id.empty()) places_[item.id] = items_.size();
    cost_ += item.cost();
    items_.push_back(std::move(item));
    return true;
}

bool ListMerge::remove(const std::string& id) {
    const auto known = places_.find(id);
    if (known == places_.end()) return false;
    ListItem& place = items_[known->second];
    cost_ -= place.text.size(); // its place stays
    place = ListItem();
    places_.erase(known);
    return true;
}

std::vector<std::string> ListMerge::take_sorted() {
    places_ = {};
    std::erase_if(items_, [](const ListItem& item) { return item.text.empty(); });
    std::ranges::stable_sort(items_, std::greater<>(), [](const ListItem& item) {
        return item.created.value_or(WallTime());
    });
    std::vector<std::string> texts;
    texts.reserve(items_.size());
    for (auto& item : items_) texts.push_back(std::move(item.text));
    items_ = {};
    cost_ = 0;
    return texts;
}

} // namespace agent::controller
