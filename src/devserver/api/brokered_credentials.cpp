#include "devserver/api/brokered_credentials.hpp"

#include "base/base64.hpp"

namespace devserver {

Json brokered_credentials(Store& store, const Resource& target) {
    Json all = Json::array();
    for (const auto& id : store.resources.linked(target.id, "credential-source")) {
        const auto credential = store.resources.find(id);
        if (!credential) continue;
        const auto secret = store.credentials.secret(id);
        auto object = agent::parse_json(secret.reveal());
        if (!object) continue;
        Json source;
        source["id"] = id;
        if (credential->name) source["name"] = *credential->name;
        if (credential->description) source["description"] = *credential->description;
        source["credential_store_id"] = credential->parent_id;
        source["type"] = "static";
        source["credential_type"] = credential->type;
        Json one;
        one["credential_source"] = std::move(source);
        one["secret"]["raw"] = agent::base64_encode(secret.reveal());
        one["secret"]["decoded"] = *object;
        one["credential"] = std::move(*object);
        all.push_back(std::move(one));
    }
    return all;
}

} // namespace devserver
