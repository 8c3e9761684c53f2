#pragma once
// What is wrong with the words of a command, told as the reference tells it: as plain text, also
// where JSON was asked for.

#include <string>

namespace agentctl {

struct Plain {
    std::string text;
    int exit = 3;
    bool formatted = false; ///< this one is JSON where that was asked for
};

/// Prints it to standard error; returns the exit code.
int say(const Plain& plain);

} // namespace agentctl
