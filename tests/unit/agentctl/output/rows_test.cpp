// Every column of every resource: it prints its label, and whatever a controller puts there can
// neither steer the terminal nor end agentctl.

#include "agentctl/output/item_table.hpp"
#include "agentctl/output/list_table.hpp"
#include "agentctl/output/special_tables.hpp"

#include "support/catch.hpp"

#include <nlohmann/json.hpp>

using namespace agentctl;
using agent::Json;

namespace {

void put(Json& item, std::string_view path, const Json& value) {
    Json* place = &item;
    for (std::size_t at = 0;;) {
        const auto dot = path.find('.', at);
        if (!place->is_object()) *place = Json::object();
        place = &(*place)[std::string(path.substr(at, dot - at))];
        if (dot == path.npos) break;
        at = dot + 1;
    }
    *place = value;
}

/// An item that has a value everywhere.
Json full(const Resource& resource, const Json& value) {
    Json item = Json::object();
    const auto put_columns = [&](std::span<const Column> columns, const std::string& prefix) {
        for (const Column& column : columns) {
            const bool truth = column.shown == Shown::truth && value.is_string();
            put(item, prefix + std::string(column.member), truth ? Json(true) : value);
        }
    };
    put_columns(resource.list_columns, "");
    put_columns(resource.item_columns, "");
    put_columns(resource.attribute_labels, "attributes.");
    for (const char* member : {"scope.id", "scope.name", "scope.type", "scope.parent_scope_id"})
        put(item, member, value);
    for (const char* member : {"authorized_actions", "authorized_collection_actions"})
        put(item, member, value);
    for (const Block& block : resource.blocks) {
        Json inner = Json::object();
        for (const Column& column : block.columns) put(inner, column.member, value);
        for (const char* member : {"id", "canonical", "closed_reason", "client_tcp_address",
                                   "client_tcp_port", "bytes_up"})
            put(inner, member, value);
        const bool list = block.kind != BlockKind::row && block.kind != BlockKind::object;
        const bool words = block.kind == BlockKind::words || block.kind == BlockKind::ids;
        if (block.kind == BlockKind::tags)
            for (const char* tags : {"config_tags", "api_tags", "canonical_tags"})
                put(item, std::string(tags) + ".key", Json::array({value}));
        else
            put(item, block.member,
                words  ? Json::array({value})
                : list ? Json::array({inner})
                       : inner);
    }
    return item;
}

bool steers(const std::string& text) {
    for (const char c : text)
        if ((static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7f) return true;
    for (const char* hidden : {"\u202e", "\u2066", "\u200b", "\u009b"})
        if (text.find(hidden) != std::string::npos) return true;
    return false;
}

void print_everything(const Resource& resource, const Json& item) {
    CHECK_FALSE(steers(item_table(resource, item)));
    CHECK_FALSE(steers(list_table(resource, {item, item}, true)));
    CHECK_FALSE(steers(list_table(resource, {item}, false)));
}

const std::string hostile = "\x1b]0;x\x07\x1b[2J\u202eevil\u2066\u200b\u009b31m\r\n\tx\x7f\xff\xfe";

} // namespace

TEST_CASE("rows: each column and block of an item and of a list prints its label") {
    for (const Resource& resource : resources()) {
        const Json item = full(resource, "2026-01-02T03:04:05Z");
        const std::string shown = item_table(resource, item);
        const std::string listed = list_table(resource, {item}, false);
        INFO(resource.collection << "\n" << shown << listed);
        CHECK(shown.starts_with("\n" + std::string(resource.title) + " information:\n"));
        for (const Column& column : resource.item_columns)
            CHECK(shown.find("\n  " + std::string(column.label) + ": ") != std::string::npos);
        for (const Column& column : resource.list_columns)
            CHECK(listed.find("\n    " + std::string(column.label) + ":") != std::string::npos);
        for (const Column& column : resource.attribute_labels)
            CHECK(shown.find("\n    " + std::string(column.label) + ":") != std::string::npos);
        for (const Block& block : resource.blocks) {
            CHECK(shown.find("\n  " + std::string(block.title) + ":\n") != std::string::npos);
            for (const Column& column : block.columns)
                CHECK(shown.find("\n    " + std::string(column.label) + ":") != std::string::npos);
        }
    }
}

TEST_CASE("rows: a value that would steer the terminal is defused in every column") {
    for (const Resource& resource : resources()) {
        INFO(resource.collection);
        print_everything(resource, full(resource, hostile));
        Json keys = full(resource, Json{{hostile, hostile}});
        put(keys, "attributes." + std::string("x"), Json{{hostile, Json{{hostile, hostile}}}});
        keys["attributes"][hostile] = hostile;
        keys["authorized_collection_actions"] = Json{{hostile, Json::array({hostile})}};
        print_everything(resource, keys);
    }
}

TEST_CASE("rows: values of the wrong type and without end are printed or left out") {
    Json deep = hostile;
    for (int level = 0; level < 50; ++level) deep = Json::array({Json{{"k", deep}}});
    const std::vector<Json> values{nullptr,
                                   true,
                                   -1,
                                   1.5,
                                   18446744073709551615U,
                                   Json::array(),
                                   Json::object(),
                                   Json::array({1, hostile, nullptr, Json::object()}),
                                   Json{{"a", Json::array({hostile})}},
                                   deep,
                                   std::string(200'000, 'x'),
                                   ""};
    for (const Resource& resource : resources())
        for (const Json& value : values) {
            print_everything(resource, full(resource, value));
            print_everything(resource, value);
        }
}

TEST_CASE("rows: the tables like no other bear the same") {
    Json one = Json::object();
    for (const char* member : {"id", "type", "purpose", "key_version_id", "created_time", "status",
                               "completed_count", "total_count", "count", "start_time", "end_time",
                               "public_key_sha256", "not_before_time", "not_after_time"})
        one[member] = hostile;
    one["scope"] = {{"id", hostile}};
    one["versions"] = Json::array({one, hostile});
    const Json all = Json::array({one, hostile, 7, nullptr});
    for (const Json* items : {&all, static_cast<const Json*>(nullptr)}) {
        CHECK_FALSE(steers(keys_table(items)));
        CHECK_FALSE(steers(key_jobs_table(items)));
        CHECK_FALSE(steers(active_users_table(items)));
    }
    CHECK_FALSE(steers(authority_table(Json{{"certs", all}})));
    CHECK_FALSE(steers(authority_table(all)));
    CHECK(keys_table(nullptr) == "No keys found\n");
}
