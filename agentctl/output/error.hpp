#pragma once
// How what went wrong is told, as a table or one JSON line.

#include "agentctl/output/answer.hpp"

#include <string>

namespace agentctl {

std::string error_text(const Failure& failure, Format format);

} // namespace agentctl
