#pragma once
// PageReader: one page of a list, cut into its items while it arrives. Each item is kept as its
// compact text.

#include "base/time.hpp"
#include "controller/answer_limits.hpp"
#include "controller/body_reader.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace agent::controller {

struct ListItem {
    std::string id;                  ///< may be empty
    std::optional<WallTime> created; ///< by its created_time
    std::string text;
    /// What keeping it costs.
    std::size_t cost() const { return text.size() + item_overhead_bytes; }
};

struct Page {
    std::vector<ListItem> items;
    std::vector<std::string> removed_ids;
    std::string list_token;
    std::string response_type;
};

class PageReader final : public BodyReader {
  public:
    /// `room`: what its items may cost together.
    explicit PageReader(std::size_t room);
    ~PageReader() override;
    void begin() override;
    Status feed(std::string_view piece) override;
    Status finish() override;
    /// After finish().
    Page take();

  private:
    class Parser;
    std::size_t room_;
    std::unique_ptr<Parser> parser_;
};

} // namespace agent::controller
