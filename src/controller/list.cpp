#include "controller/list.hpp"

#include "base/time.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <unordered_map>

namespace agent::controller {
namespace {

constexpr int max_pages = 100000; // a controller that never says "complete" must not keep us for ever

std::string page_path(const ListQuery& query, const std::string& list_token) {
    std::string path = query.collection;
    char separator = '?';
    const auto add = [&](const std::string& name, const std::string& value) {
        path += separator + name + "=" + percent_encode(value);
        separator = '&';
    };
    for (const auto& [name, value] : query.parameters) add(name, value);
    if (!list_token.empty()) add("list_token", list_token);
    return path;
}

class Merge {
  public:
    void add(Json& page) {
        const auto items = page.find("items");
        if (items != page.end() && items->is_array())
            for (auto& item : *items) put(std::move(item));
        const Json* removed = find_member(page, "removed_ids");
        if (removed == nullptr || !removed->is_array()) return;
        for (const auto& id : *removed)
            if (id.is_string()) remove(id.get<std::string>());
    }
    std::vector<Json> sorted() {
        struct Dated {
            WallTime created;
            Json item;
        };
        std::vector<Dated> dated;
        for (auto& item : items_) {
            if (item.is_null()) continue;
            const auto created = parse_rfc3339(string_member(item, "created_time"));
            dated.push_back({created.value_or(WallTime{}), std::move(item)});
        }
        std::ranges::stable_sort(dated, std::greater<>(), &Dated::created);
        std::vector<Json> out;
        out.reserve(dated.size());
        for (auto& one : dated) out.push_back(std::move(one.item));
        return out;
    }

  private:
    void put(Json item) {
        const std::string id = string_member(item, "id");
        const auto known = id.empty() ? places_.end() : places_.find(id);
        if (known != places_.end()) {
            items_[known->second] = std::move(item);
            return;
        }
        if (!id.empty()) places_[id] = items_.size();
        items_.push_back(std::move(item));
    }
    void remove(const std::string& id) {
        const auto known = places_.find(id);
        if (known == places_.end()) return;
        items_[known->second] = nullptr;
        places_.erase(known);
    }
    std::vector<Json> items_;
    std::unordered_map<std::string, std::size_t> places_;
};

} // namespace

awaitable<Result<ItemList>> list_all(Client& client, ListQuery query, PageObserver* observer) {
    Merge merge;
    ItemList list;
    std::string list_token;
    for (int pages = 1; pages <= max_pages; ++pages) {
        Request request;
        request.path = page_path(query, list_token);
        request.token = query.token;
        const auto reply = co_await client.send(std::move(request));
        if (!reply) co_return reply.error();
        if (!reply->ok()) co_return error_of(*reply);
        list.status = reply->status;
        auto page = parse_json(reply->body.empty() ? "{}" : reply->body);
        if (!page) co_return page.error();
        merge.add(*page);
        list_token = string_member(*page, "list_token");
        if (string_member(*page, "response_type") != "delta" || list_token.empty()) break;
        if (observer == nullptr) continue;
        const auto wanted = co_await observer->page(pages);
        if (!wanted) co_return wanted.error();
    }
    list.items = merge.sorted();
    co_return list;
}

} // namespace agent::controller
