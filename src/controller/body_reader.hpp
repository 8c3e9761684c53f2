#pragma once
// What becomes of an answer's body while it arrives, a piece at a time: nothing is kept that nobody
// asked for, and no piece costs more than its own length.

#include "base/result.hpp"

#include <string_view>

namespace agent::controller {

class BodyReader {
  public:
    virtual ~BodyReader() = default;
    /// An answer begins; what was read of an earlier one is forgotten.
    virtual void begin() = 0;
    /// An error means that nobody wants the rest. Errc::controller_protocol: it is no JSON object.
    /// Errc::limit_exceeded: it is JSON, and more of it than is taken.
    virtual Status feed(std::string_view piece) = 0;
    virtual Status finish() = 0;
};

} // namespace agent::controller
