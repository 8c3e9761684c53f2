#pragma once
// Shorter words for tests that make and change many resources.

#include "support/catch.hpp"
#include "unit/devserver_api/api_fixture.hpp"

namespace devserver::test {

/// A seeded server with its administrator logged in.
struct AdminFixture : ApiFixture {
    std::string admin = log_in("admin");

    /// POST that must succeed; the new item.
    Json make(const std::string& collection, const std::string& body) {
        const auto reply = call("POST", "/v1/" + collection, admin, body);
        INFO(collection << " " << (reply.body ? agent::dump_json(*reply.body) : ""));
        REQUIRE(reply.status == 200);
        return reply.body.value();
    }
    /// An action or, with an empty one, an update, of the version the item has now.
    Reply change(const std::string& path, const std::string& action, const std::string& members) {
        const auto item = get("/v1/" + path, admin);
        const auto version = std::to_string(item.at("version").get<int>());
        const auto body = "{\"version\":" + version + (members.empty() ? "" : ",") + members + "}";
        if (action.empty()) return call("PATCH", "/v1/" + path, admin, body);
        return call("POST", "/v1/" + path + ":" + action, admin, body);
    }
    Json changed(const std::string& path, const std::string& action, const std::string& members) {
        const auto reply = change(path, action, members);
        INFO(path << " " << action << " " << (reply.body ? agent::dump_json(*reply.body) : ""));
        REQUIRE(reply.status == 200);
        return reply.body.value();
    }
    /// The id of the seeded role of that name.
    std::string role(const std::string& name) {
        return store.resources.find_named("role", "global", name).value().id;
    }
};

/// The complaint about one field; empty when there is none.
inline std::string complaint(const Reply& reply, const std::string& field) {
    const Json* details = agent::find_member(reply.body.value(), "details");
    if (details == nullptr) return {};
    for (const auto& one : details->at("request_fields"))
        if (text(one, "name") == field) return text(one, "description");
    return {};
}

} // namespace devserver::test
