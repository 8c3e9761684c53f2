#pragma once
// JsonText: a body that is one JSON object, checked and made compact while it arrives. No tree is
// built.

#include "base/json.hpp"
#include "controller/answer_limits.hpp"
#include "controller/body_reader.hpp"

#include <memory>
#include <string>

namespace agent::controller {

struct JsonTextLimits {
    std::size_t bytes = max_tree_bytes;
    std::size_t nodes = max_tree_nodes;
};
/// For text that is passed on as it is; whoever asked for it may make a tree of it.
inline constexpr JsonTextLimits only_text{max_body_bytes, 1000000};

class JsonText final : public BodyReader {
  public:
    explicit JsonText(JsonTextLimits limits = {});
    ~JsonText() override; ///< wipes
    void begin() override;
    Status feed(std::string_view piece) override;
    Status finish() override;
    /// After finish(): the object's text; empty when the body was.
    std::string take();

  private:
    class Parser;
    JsonTextLimits limits_;
    std::unique_ptr<Parser> parser_;
};

/// A tree of an item or a body that was read as text before; bounded by its text and
/// max_tree_nodes.
Result<Json> parse_item(std::string_view text);

} // namespace agent::controller
