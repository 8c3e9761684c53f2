#pragma once
// ListToken: where a list stands, handed to the client between pages and between refreshes. base58
// of a small JSON object and a MAC over it, keyed by the store. listing.cpp reads and writes them.

#include "base/result.hpp"
#include "devserver/store/store.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace devserver {

struct ListToken {
    enum class Phase : std::uint8_t { page, start_refresh, refresh };
    Phase phase = Phase::page;
    std::string kind;        ///< lists of targets do not go on as lists of sessions
    std::string permissions; ///< of the caller it was issued to
    WallTime created;        ///< of the first page: 30 days from here it ends
    WallTime phase_started;  ///< when the present (or last) phase began
    WallTime since;          ///< phase refresh: what has changed after this
    std::string last_id;     ///< page, refresh: the last item sent …
    WallTime last_time;      ///< … and its created or updated time
};

std::string encode_list_token(Store& store, const ListToken& token);
/// Errc::invalid_argument with what is wrong: malformed, expired, of another resource type, other
/// permissions.
agent::Result<ListToken> decode_list_token(Store& store, std::string_view text,
                                           const std::string& kind, const std::string& permissions);

} // namespace devserver
