#pragma once
// A file that is replaced whole or not at all. commands/ssh_config.cpp writes ssh's include file
// with it.

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace agentctl {

/// Writes `text` to `path` with mode 0600 by way of a new file and rename; missing folders are made
/// with mode 0700. A file that does not begin with `mark`, or is no plain file of ours, is left as
/// it is: Errc::environment says so. false: the file held exactly this already.
agent::Result<bool> replace_private_file(const std::string& path, const std::string& text,
                                         std::string_view mark);

} // namespace agentctl
