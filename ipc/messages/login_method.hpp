#pragma once
// LoginMethod: how one logs in to a cluster. The words are explained in
// ipc/org.agentd.Agent.varlink.

#include "ipc/messages/types.hpp"

namespace ipc {

struct LoginMethod {
    static constexpr std::string_view method = "org.agentd.Agent.LoginMethod";
    static constexpr bool streams = false;        // may be called with more
    static constexpr bool changes_nothing = true; // asking twice does no harm
    struct Request {
        std::optional<Cluster> cluster;
        std::optional<std::string> auth_method_id;
        std::optional<std::string> scope_id;
        static constexpr auto fields = std::tuple{field("cluster", &Request::cluster),
                                                  field("auth_method_id", &Request::auth_method_id),
                                                  field("scope_id", &Request::scope_id)};
    };
    static bool ends_with_caller(const Request&) { return true; }
    struct Response {
        std::string id;
        std::string type;
        std::string name;
        std::string scope_id;
        std::string address;
        bool supported = false;
        static constexpr auto fields = std::tuple{
            field("id", &Response::id),           field("type", &Response::type),
            field("name", &Response::name),       field("scope_id", &Response::scope_id),
            field("address", &Response::address), field("supported", &Response::supported)};
    };
};

} // namespace ipc
