#pragma once
// What agentd tells its service manager (sd_notify). Without one nothing happens.

namespace agentd {

void notify_ready();
void notify_stopping();

} // namespace agentd
