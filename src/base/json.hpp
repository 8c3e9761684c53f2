#pragma once
// JSON as this project reads and writes it: key order kept, numbers keep their digits, nesting
// bounded. Controllers' answers travel through three processes; what comes out must be what went
// in.

#include "base/result.hpp"
#include "base/secret.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace agent {

/// Key order is kept. A number that neither int64, uint64 nor double holds digit for digit is kept
/// as a `binary` node with its text; dump_json writes it back as it was.
using Json = nlohmann::ordered_json;

inline constexpr std::size_t max_json_depth = 64;

/// Errc::invalid_argument with what and where, for text that is not one JSON value in UTF-8 or
/// nests deeper than `max_depth`.
Result<Json> parse_json(std::string_view text, std::size_t max_depth = max_json_depth);
/// Compact, one line. Strings that are not UTF-8 get replacement characters.
std::string dump_json(const Json& value);

/// Overwrites every string in the tree: for objects that carried secrets.
void wipe(Json& value);

/// JSON with a secret inside, such as an auth token object: wiped when it goes.
class SecretJson {
  public:
    explicit SecretJson(Json value);
    SecretJson(SecretJson&&) noexcept;
    SecretJson& operator=(SecretJson&&) = delete;
    ~SecretJson();
    operator const Json&() const { return *value_; }

  private:
    std::unique_ptr<Json> value_;
};
Result<SecretJson> parse_secret_json(std::string_view text);
inline Result<SecretJson> parse_secret_json(const Secret& text) {
    return parse_secret_json(text.reveal());
}

/// The member of an object, or nullptr: also when `value` is no object. `null` members count as
/// missing.
const Json* find_member(const Json& value, std::string_view key);
/// The member as text, or `otherwise` when it is missing or no string.
std::string string_member(const Json& value, std::string_view key, std::string otherwise = {});

} // namespace agent
