#pragma once
// What was given of a row's flags: declares them, and holds their values as they came. body.hpp
// makes the request of them.

#include "agentctl/api/typed_value.hpp"
#include "agentctl/flags.hpp"
#include "agentctl/resources/rows.hpp"

#include <list>

namespace agentctl {

struct GivenFlag {
    const FlagUse* use = nullptr;
    std::optional<std::string> text;     ///< text, number, truth
    std::optional<agent::Secret> secret; ///< secret, source
    std::vector<std::string> list;       ///< lists, pairs, tags
    std::vector<agent::Secret> secrets;  ///< lists of sources
    std::vector<TypedValue> values;      ///< values, options
    std::optional<agent::Secret> whole;  ///< -attributes
    bool truth = false;                  ///< boolean
    std::string_view name() const { return use->flag->name; }
    bool empty() const {
        return !text && !secret && list.empty() && secrets.empty() && values.empty() && !whole;
    }
};

class Given {
  public:
    /// The flags of `row` are declared in `flags`, which fills this.
    Given(const CommandRow& row, Flags& flags);
    Given(const Given&) = delete;
    Given& operator=(const Given&) = delete;

    std::list<GivenFlag>& all() { return all_; }
    const std::list<GivenFlag>& all() const { return all_; }
    /// nullptr: the row has no such flag.
    GivenFlag* find(std::string_view name);
    /// What goes into the path: -id, or the flag that takes its place.
    GivenFlag* path();
    bool given(std::string_view name) const { return flags_.given(name); }

  private:
    void declare(GivenFlag& one, bool lists);
    void declare_family(GivenFlag& one);

    Flags& flags_;
    std::list<GivenFlag> all_; // flags hold references to them
};

/// "attr" → "attributes", "kv" → "object": the flag for the whole object.
std::string whole_name(std::string_view family);

} // namespace agentctl
