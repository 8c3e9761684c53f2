#include "devserver/api/unserved.hpp"

#include "devserver/api/errors.hpp"

#include <algorithm>
#include <array>

namespace devserver {
namespace {

struct Row {
    std::string_view collection;
    const char* message;
};

constexpr auto rows = std::to_array<Row>({
    {"policies", "Policies are an Enterprise-only feature"},
    {"session-recordings", "session recordings are an Enterprise-only feature"},
    {"storage-buckets", "storage buckets are an Enterprise-only feature"},
    {"billing", "This dev server counts no monthly active users."},
});

} // namespace

Refusal refuse_unserved(std::string_view collection) {
    const auto* found = std::ranges::find(rows, collection, &Row::collection);
    return found == rows.end() ? std::nullopt : Refusal(unimplemented(found->message));
}

} // namespace devserver
