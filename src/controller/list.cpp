#include "controller/list.hpp"

#include "base/scope_exit.hpp"
#include "controller/list_merge.hpp"
#include "controller/page_reader.hpp"

#include <fmt/format.h>

#include <malloc.h>

namespace agent::controller {
namespace {

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

Error no_end(const Client& client, const ListQuery& query, const std::string& why) {
    return fail(Errc::controller_protocol, Hop::controller,
                "GET " + client.settings().address + query.collection +
                    ": the list has no end: " + why,
                "this is the controller's mistake: its log may say more");
}

Error too_long(const Client& client, const ListQuery& query) {
    return fail(Errc::limit_exceeded, Hop::limit,
                fmt::format("GET {}{}: the list is longer than {} MiB", client.settings().address,
                            query.collection, max_list_bytes >> 20U),
                "ask for less of it: -filter, or one scope with -scope-id and without -recursive");
}

} // namespace

awaitable<Result<ItemList>> list_all(Client& client, ListQuery query, PageObserver* observer) {
    bool much = false; // first, so that the rest is gone by then
    const ScopeExit give_back([&much] {
        if (much) ::malloc_trim(0); // what a long list took is not kept for the next
    });
    ListMerge merge;
    ItemList list;
    std::string list_token;
    int empty_pages = 0;
    for (int pages = 1;; ++pages) {
        if (merge.cost() >= max_list_bytes) co_return too_long(client, query);
        PageReader reader(max_list_bytes - merge.cost());
        Request request;
        request.path = page_path(query, list_token);
        request.token = query.token;
        request.reader = &reader;
        const auto reply = co_await client.send(std::move(request));
        much = !reply || merge.cost() > worth_giving_back;
        if (!reply && reply.error().code == Errc::limit_exceeded) co_return too_long(client, query);
        if (!reply) co_return reply.error();
        if (!reply->ok()) co_return error_of(*reply);
        list.status = reply->status;
        Page page = reader.take();
        list_token = std::move(page.list_token);
        const bool last = page.response_type != "delta" || list_token.empty();
        empty_pages = merge.add(std::move(page)) ? 0 : empty_pages + 1;
        if (last) break;
        if (merge.repeats(list_token))
            co_return no_end(client, query, "its list token came before");
        if (empty_pages > max_empty_pages)
            co_return no_end(client, query, "page after page brings nothing new");
        if (pages == max_pages) co_return no_end(client, query, fmt::format("{} pages", pages));
        if (observer == nullptr) continue;
        const auto wanted = co_await observer->page(pages);
        if (!wanted) co_return wanted.error();
    }
    list.items = merge.take_sorted();
    co_return list;
}

} // namespace agent::controller
