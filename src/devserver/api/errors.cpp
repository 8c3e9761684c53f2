#include "devserver/api/errors.hpp"

namespace devserver {
namespace {

Reply error(unsigned status, const char* kind, const std::string& message,
            const FieldErrors& fields = {}) {
    Json body;
    body["kind"] = kind;
    body["message"] = message;
    for (const auto& [name, description] : fields) {
        Json field;
        field["name"] = name;
        field["description"] = description;
        body["details"]["request_fields"].push_back(std::move(field));
    }
    return {status, std::move(body)};
}

} // namespace

Reply invalid_argument(const std::string& message, const FieldErrors& fields) {
    return error(400, "InvalidArgument", message, fields);
}

Reply invalid_fields(const FieldErrors& fields) {
    return invalid_argument("Error in provided request.", fields);
}

Reply failed_precondition(const std::string& message) {
    return error(400, "FailedPrecondition", message);
}

Reply unimplemented(const std::string& message) {
    return error(405, "Unimplemented", message);
}

Reply not_found(const std::string& message) {
    return error(404, "NotFound", message);
}

Reply unauthenticated(const std::string& message) {
    return error(401, "Unauthenticated", message);
}

Reply forbidden(const std::string& message) {
    return error(403, "PermissionDenied", message);
}

Reply invalid_list_token(const std::string& message) {
    Json body;
    body["kind"] = "invalid list token";
    body["op"] = "listing.parse_list_token";
    body["message"] = message;
    return {400, std::move(body)};
}

Reply internal_error(const std::string& message) {
    return error(500, "Internal", message);
}

Reply empty_reply(unsigned status) {
    return {status, std::nullopt};
}

} // namespace devserver
