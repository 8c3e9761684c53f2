#pragma once
// Where DatabaseError ends: StateStore's methods run their SQL in here and get a Result.

#include "base/result.hpp"
#include "state/database.hpp"

#include <type_traits>

namespace agent::state {

template <class Work> auto guarded(const std::string& path, Work work) {
    using Value = std::invoke_result_t<Work>;
    try {
        if constexpr (std::is_void_v<Value>) {
            work();
            return Status();
        } else {
            return Result<Value>(work());
        }
    } catch (const DatabaseError& problem) {
        using Outcome = std::conditional_t<std::is_void_v<Value>, Status, Result<Value>>;
        return Outcome(fail(Errc::environment, Hop::agent, path + ": " + problem.what(),
                            "free space or repair the file, then restart agentd"));
    }
}

} // namespace agent::state
