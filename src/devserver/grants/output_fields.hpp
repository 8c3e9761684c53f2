#pragma once
// OutputFields: which members of an item a caller sees. Fields of several grants add up; as long as
// no grant names any, the default of the caller counts.

#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace devserver {

class OutputFields {
  public:
    void add(const std::set<std::string, std::less<>>& fields);
    /// What an anonymous caller sees when no grant names fields.
    static OutputFields for_anonymous();

    bool named() const { return fields_.has_value(); }
    /// No grant named fields, or one named "*".
    bool all() const { return !fields_ || fields_->contains("*"); }
    bool has(std::string_view field) const { return all() || fields_->contains(field); }

  private:
    std::optional<std::set<std::string, std::less<>>> fields_;
};

} // namespace devserver
