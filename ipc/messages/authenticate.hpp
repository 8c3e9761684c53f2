#pragma once
// Authenticate: login with a name and a password. The words are explained in
// ipc/org.agentd.Agent.varlink.

#include "ipc/messages/types.hpp"

namespace ipc {

struct Authenticate {
    static constexpr std::string_view method = "org.agentd.Agent.Authenticate";
    static constexpr bool streams = false; // may be called with more
    struct Request {
        std::optional<Cluster> cluster;
        std::optional<std::string> auth_method_id;
        std::optional<std::string> scope_id;
        std::string login_name;
        Secret password;
        bool store = false;
        static constexpr auto fields = std::tuple{field("cluster", &Request::cluster),
                                                  field("auth_method_id", &Request::auth_method_id),
                                                  field("scope_id", &Request::scope_id),
                                                  field("login_name", &Request::login_name),
                                                  field("password", &Request::password),
                                                  field("store", &Request::store)};
    };
    struct Response {
        std::int64_t status_code = 0;
        Json item;
        bool stored = false;
        std::optional<std::string> keyring;
        std::optional<std::string> warning;
        static constexpr auto fields =
            std::tuple{field("status_code", &Response::status_code), field("item", &Response::item),
                       field("stored", &Response::stored), field("keyring", &Response::keyring),
                       field("warning", &Response::warning)};
    };
};

} // namespace ipc
