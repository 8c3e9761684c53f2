#pragma once
// ApiFixture: a seeded store and its API without sockets, and a clock that only moves when told.

#include "devserver/api/api.hpp"
#include "devserver/store/seed.hpp"

#include <string>

namespace devserver::test {

struct ApiFixture {
    explicit ApiFixture(const std::string& path = ":memory:", bool seeded = true)
        : store(path, [this] { return now; }), api(store, ApiSettings{{"127.0.0.1:9202"}}) {
        if (seeded) seed(store, SeedOptions{}, DevConfig{});
    }
    ApiFixture(const ApiFixture&) = delete;
    ApiFixture& operator=(const ApiFixture&) = delete;

    Reply call(const std::string& method, const std::string& target, const std::string& token = {},
               const std::string& body = {}) {
        return api.handle({method, target, "Bearer " + token, body});
    }
    Json get(const std::string& target, const std::string& token) {
        return call("GET", target, token).body.value();
    }
    std::string log_in(const std::string& login_name) {
        const auto reply =
            call("POST", "/v1/auth-methods/ampw_1234567890:authenticate", "",
                 R"({"attributes":{"login_name":")" + login_name + R"(","password":"password"}})");
        return reply.body.value().at("attributes").at("token").get<std::string>();
    }
    Json authorize(const std::string& token, const std::string& target = "ttcp_1234567890",
                   const std::string& body = "{}") {
        return call("POST", "/v1/targets/" + target + ":authorize-session", token, body)
            .body.value();
    }
    void pass(std::chrono::nanoseconds time) { now += time; }

    WallTime now = agent::wall_now();
    Store store;
    Api api;
};

inline std::string text(const Json& json, const char* key) {
    return agent::string_member(json, key);
}
/// The id part of "at_…_s1…".
inline std::string token_id(const std::string& token) {
    return token.substr(0, token.find('_', 3));
}

} // namespace devserver::test
