#include "devserver/api/collections.hpp"
#include "devserver/api/fields.hpp"

namespace devserver {

// Static catalogs, sets and credential stores: name and description are all that can be said.
void accept_static(Call& call, Resource& resource, bool creating, FieldErrors& errors) {
    if (!creating) return;
    const auto type = body_text(call.body, "type", errors).value_or("static");
    if (!type.empty() && type != "static") errors["type"] = "This server knows only \"static\".";
    resource.type = "static";
}

Json host_catalog_fields(Call& call, const Resource& catalog, bool) {
    Json item = common_fields(call, catalog);
    add_actions(call, catalog, item);
    return item;
}

Json host_set_fields(Call& call, const Resource& set, bool detail) {
    Json item = common_fields(call, set, "host_catalog_id");
    if (detail) {
        const auto hosts = call.store.resources.linked(set.id, "host");
        if (!hosts.empty()) item["host_ids"] = hosts;
    }
    add_actions(call, set, item);
    return item;
}

Json host_fields(Call& call, const Resource& host, bool detail) {
    Json item = common_fields(call, host, "host_catalog_id");
    if (detail) {
        const auto sets = call.store.resources.linked_from(host.id, "host");
        if (!sets.empty()) item["host_set_ids"] = sets;
    }
    item["attributes"]["address"] = agent::string_member(host.extra, "address");
    add_actions(call, host, item);
    return item;
}

namespace {

// "host:22" and "[::1]:22", but not an IPv6 address by itself.
bool has_port(const std::string& address) {
    const auto colon = address.rfind(':');
    if (colon == std::string::npos || colon + 1 == address.size()) return false;
    const bool digits = address.find_first_not_of("0123456789", colon + 1) == std::string::npos;
    return digits && (address.find(':') == colon || address[colon - 1] == ']');
}

} // namespace

void accept_host(Call& call, Resource& host, bool creating, FieldErrors& errors) {
    accept_static(call, host, creating, errors);
    const auto address = body_text(attributes_of(call), "address", errors, "attributes.address");
    if (!address) {
        if (creating) errors.emplace("attributes.address", "This field is required.");
    } else if (has_port(*address)) {
        errors["attributes.address"] = "Address for static hosts does not support a port.";
    } else if (address->size() < 3 || address->size() > 255 ||
               address->find_first_of(" /\t\r\n") != std::string::npos) {
        errors["attributes.address"] =
            "This field must be a host name or an IP address of 3 to 255 characters.";
    } else {
        host.extra["address"] = *address;
    }
}

} // namespace devserver
