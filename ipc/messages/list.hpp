#pragma once
// List: all items of one of the controller's collections. The words are explained in
// ipc/org.agentd.Agent.varlink.

#include "ipc/messages/types.hpp"

namespace ipc {

struct List {
    static constexpr std::string_view method = "org.agentd.Agent.List";
    static constexpr bool streams = true;         // may be called with more
    static constexpr bool changes_nothing = true; // asking twice does no harm
    struct Request {
        std::optional<Cluster> cluster;
        std::string resource;
        std::optional<std::string> scope_id;
        std::optional<std::string> parent_id;
        std::optional<bool> recursive;
        std::optional<std::string> filter;
        std::optional<bool> include_terminated;
        std::optional<std::int64_t> page_size;
        static constexpr auto fields =
            std::tuple{field("cluster", &Request::cluster),
                       field("resource", &Request::resource),
                       field("scope_id", &Request::scope_id),
                       field("parent_id", &Request::parent_id),
                       field("recursive", &Request::recursive),
                       field("filter", &Request::filter),
                       field("include_terminated", &Request::include_terminated),
                       field("page_size", &Request::page_size)};
    };
    static bool ends_with_caller(const Request&) { return true; }
    struct Response {
        std::optional<std::int64_t> status_code;
        std::optional<std::vector<Json>> items;
        std::optional<std::int64_t> pages;
        static constexpr auto fields =
            std::tuple{field("status_code", &Response::status_code),
                       field("items", &Response::items), field("pages", &Response::pages)};
    };
};

} // namespace ipc
