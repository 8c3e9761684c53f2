#pragma once
// What agentctl was started with and changes for itself, and how whoever it starts gets it back.

namespace agentctl {

/// Files and folders of ours are this user's alone from now on, whatever umask we were started
/// with.
void keep_files_private();

/// While it lives the umask is the one that we were started with: for starting programs that are
/// not ours.
class InheritedUmask {
  public:
    InheritedUmask();
    ~InheritedUmask();
    InheritedUmask(const InheritedUmask&) = delete;
    InheritedUmask& operator=(const InheritedUmask&) = delete;
};

/// In a child between fork and exec, or before our own exec: everything as it was, signals as well.
void restore_inherited();

} // namespace agentctl
