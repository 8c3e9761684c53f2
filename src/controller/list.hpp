#pragma once
// All items of one collection: follows the pages, merges them by id, newest first. Bounded:
// answer_limits.hpp.

#include "controller/client.hpp"

#include <string>
#include <utility>
#include <vector>

namespace agent::controller {

struct ListQuery {
    std::string collection; ///< "/v1/targets"
    std::vector<std::pair<std::string, std::string>> parameters;
    Secret token;
};

struct ItemList {
    int status = 0;
    std::vector<std::string>
        items; ///< the controller's own objects, each as text: trees of a long list fill memory
};

/// Told after each page but the last. An error means that nobody waits for the list any more.
class PageObserver {
  public:
    virtual ~PageObserver() = default;
    virtual awaitable<Status> page(int pages) = 0;
};

/// Errc::controller_error with the controller's words when it refuses a page; Errc::limit_exceeded
/// when the list is too long to hold, Errc::controller_protocol when it has no end.
awaitable<Result<ItemList>> list_all(Client& client, ListQuery query, PageObserver* observer);

} // namespace agent::controller
