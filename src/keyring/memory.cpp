#include "keyring/memory.hpp"

namespace agent::keyring {

Status MemoryKeyring::store(const Key& key, const Secret& value, std::optional<WallTime> expires) {
    kept_[key] = Kept{value, expires};
    return {};
}

Result<std::optional<Secret>> MemoryKeyring::load(const Key& key) {
    const auto found = kept_.find(key);
    if (found == kept_.end()) return std::optional<Secret>();
    if (found->second.expires && *found->second.expires <= wall_now()) {
        kept_.erase(found);
        return std::optional<Secret>();
    }
    return std::optional<Secret>(found->second.value);
}

Result<bool> MemoryKeyring::remove(const Key& key) {
    return kept_.erase(key) > 0;
}

std::vector<Key> MemoryKeyring::list() {
    std::erase_if(kept_, [](const auto& one) {
        return one.second.expires && *one.second.expires <= wall_now();
    });
    std::vector<Key> keys;
    for (const auto& [key, kept] : kept_) keys.push_back(key);
    return keys;
}

} // namespace agent::keyring
