#pragma once
// Passwords as scrypt (N=16384, r=8, p=1) with a salt each. accounts.cpp stores and checks them.

#include "base/secret.hpp"

#include <string>
#include <string_view>

namespace devserver {

/// "scrypt:<salt>:<key>" in base64. Takes about 50 ms: that is its point.
std::string hash_password(const agent::Secret& password);
bool password_matches(const agent::Secret& password, std::string_view hash);

/// SHA-256 in base64, for auth tokens: they are random, so a fast hash does.
std::string hash_token(std::string_view token);
bool equal_in_constant_time(std::string_view a, std::string_view b);

} // namespace devserver
