#pragma once
// ListMerge: the pages of one list put together: an item that comes again replaces the earlier one,
// one that is removed goes. What it holds is counted.

#include "controller/page_reader.hpp"

#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace agent::controller {

class ListMerge {
  public:
    /// false: the page changed nothing.
    bool add(Page page);
    /// Whether `token` is one that led here before: such a list has no end.
    bool repeats(const std::string& token);
    std::size_t cost() const { return cost_; }
    /// Newest first; what has no time comes last, in its order. Empties it.
    std::vector<std::string> take_sorted();

  private:
    bool put(ListItem item);
    bool remove(const std::string& id);

    std::vector<ListItem> items_; ///< text empty: removed
    std::unordered_map<std::string, std::size_t> places_;
    std::unordered_set<std::string> tokens_;
    std::size_t cost_ = 0;
};

} // namespace agent::controller
