// List: all items of one of the controller's collections; with `more`, a reply for each page while
// it grows.

#include "agentd/commands/agent_commands.hpp"
#include "agentd/commands/translate.hpp"
#include "base/json_text.hpp"

namespace agentd {

using boost::asio::awaitable;

namespace {

class PageReplies final : public agent::controller::PageObserver {
  public:
    explicit PageReplies(ipc::Progress<ipc::List>& progress) : progress_(progress) {}
    awaitable<agent::Status> page(int pages) override {
        ipc::List::Response reply;
        reply.pages = pages;
        co_return co_await progress_.send(std::move(reply));
    }

  private:
    ipc::Progress<ipc::List>& progress_;
};

} // namespace

awaitable<agent::Result<ipc::List::Response>>
AgentCommands::handle(ipc::List::Request request, ipc::Progress<ipc::List>& progress) {
    auto choice = cluster_choice(request.cluster);
    if (!choice) co_return choice.error();
    agent::core::ListOptions options;
    options.resource = std::move(request.resource);
    options.scope_id = request.scope_id.value_or("");
    options.parent_id = request.parent_id.value_or("");
    options.recursive = request.recursive.value_or(false);
    options.filter = request.filter.value_or("");
    options.include_terminated = request.include_terminated.value_or(false);
    options.page_size = request.page_size.value_or(0);
    PageReplies pages(progress);
    agent::controller::PageObserver* const observer = progress.wants() ? &pages : nullptr;
    auto list = co_await agent::core::verbs::list(agent_.controllers(), std::move(*choice),
                                                  std::move(options), observer);
    if (!list) co_return list.error();
    ipc::List::Response response;
    response.status_code = list->status;
    if (!list->items.empty()) response.items.emplace().reserve(list->items.size());
    for (auto& item : list->items) {
        response.items->push_back(agent::raw_json(item));
        item = std::string(); // never all of them twice
    }
    co_return response;
}

} // namespace agentd
