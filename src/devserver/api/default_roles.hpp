#pragma once
// The roles a new scope begins with, so that somebody may do something in it.

#include "devserver/api/call.hpp"

namespace devserver {

/// Everything, for the one who makes the scope; nothing when that is nobody in particular.
void add_admin_role(Call& call, const Resource& scope);
/// An org lets everybody log in, a project lets everybody who has see targets and own sessions.
void add_default_role(Call& call, const Resource& scope);

} // namespace devserver
