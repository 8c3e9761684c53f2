#pragma once
// A message of the agent as the one line of JSON that scripts get.

#include "agentctl/output/answer.hpp"
#include "ipc/messages/fields.hpp"

namespace agentctl {

template <ipc::MessageStruct Message> Text json_line(Message message) {
    return
        [message = std::move(message)] { return agent::dump_json(ipc::to_json(message)) + '\n'; };
}

/// {"items": […]}; null when there are none, as the controller's empty lists are printed.
template <ipc::MessageStruct Message> Text items_line(std::vector<Message> messages) {
    return [messages = std::move(messages)] {
        agent::Json items = nullptr;
        for (const auto& one : messages) items.push_back(ipc::to_json(one));
        agent::Json object = agent::Json::object();
        object["items"] = std::move(items);
        return agent::dump_json(object) + '\n';
    };
}

} // namespace agentctl
