#pragma once
// Which target: an id or an alias; or a name with a scope.

#include <string>

namespace agent::model {

struct TargetOptions {
    std::string target;
    std::string target_name;
    std::string scope_id;
    std::string scope_name;
    std::string host_id; ///< empty: the controller chooses

    TargetOptions& target_options() { return *this; }
    const TargetOptions& target_options() const { return *this; }
    friend bool operator==(const TargetOptions&, const TargetOptions&) = default;
};

} // namespace agent::model
