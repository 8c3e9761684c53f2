"""The checker itself: each kind of violation is found, and what is allowed passes."""
import pathlib
import unittest

from check_layers import violations_of_file


def count(path, text):
    return len(list(violations_of_file(pathlib.Path(path), text)))


class CheckLayers(unittest.TestCase):
    def test_upward_and_sideways_includes_are_found(self):
        for path, header in (
            ("src/base/error.cpp", "async/token.hpp"),
            ("src/net/dial.cpp", "proxy/relay.hpp"),
            ("src/proxy/relay.cpp", "controller/client.hpp"),
            ("src/agent/connect.cpp", "ipc/messages/connect.hpp"),
            ("src/agent/connect.cpp", "proxy/acceptor.hpp"),
            ("ipc/socket/server.cpp", "agent/agent.hpp"),
            ("ipc/socket/server.cpp", "systemd/sd-bus.h"),
            ("ipc/dbus/agent1.cpp", "ipc/socket/codec.hpp"),
            ("agentctl/main.cpp", "ipc/dbus/agent1.hpp"),
            ("agentctl/main.cpp", "net/dial.hpp"),
            ("agentctl/main.cpp", "async/token.hpp"),
            ("agentd/main.cpp", "devserver/store/store.hpp"),
            ("agentd/supervisor/main.cpp", "async/token.hpp"),
            ("agentd/supervisor/main.cpp", "agentd/daemon.hpp"),
            ("agentd/supervisor/main.cpp", "config/agent_config.hpp"),
            ("src/devserver/main.cpp", "controller/client.hpp"),
            ("src/agent/session/recover.cpp", "agent/agent.hpp"),
            ("src/agent/clusters/controllers.cpp", "agent/session/session_ledger.hpp"),
        ):
            self.assertEqual(count(path, f'#include "{header}"\n'), 1, (path, header))

    def test_foreign_headers_are_found(self):
        self.assertEqual(count("agentctl/main.cpp", "#include <openssl/ssl.h>\n"), 1)
        self.assertEqual(count("agentctl/main.cpp", "#include <boost/asio/io_context.hpp>\n"), 1)

    def test_a_wrapped_library_is_included_by_its_wrapper_only(self):
        self.assertEqual(count("src/config/strict_table.hpp", "#include <toml++/toml.h>\n"), 1)
        self.assertEqual(count("src/base/toml.hpp", "#include <toml++/toml.h>\n"), 0)
        self.assertEqual(count("agentctl/main.cpp", '#include "base/toml.hpp"\n'), 1)
        self.assertEqual(count("src/state/schema.cpp", "#include <sqlite3.h>\n"), 1)
        self.assertEqual(count("src/sqlite/database.cpp", "#include <sqlite3.h>\n"), 0)

    def test_what_the_table_allows_passes(self):
        for path, header in (
            ("src/agent/connect.cpp", "model/proxy_state.hpp"),
            ("src/proxy/relay.cpp", "net/dial.hpp"),
            ("src/devserver/worker/worker.cpp", "proxy/relay.hpp"),
            ("agentd/main.cpp", "ipc/socket/server.hpp"),
            ("agentd/supervisor/main.cpp", "agentd/notify.hpp"),
            ("agentd/supervisor/main.cpp", "config/xdg.hpp"),
            ("src/net/dial.cpp", "openssl/ssl.h"),
            ("src/agent/verbs/read.cpp", "agent/session/session_calls.hpp"),
            ("tests/unit/net/dial_test.cpp", "devserver/store/store.hpp"),
        ):
            self.assertEqual(count(path, f'#include "{header}"\n'), 0, (path, header))

    def test_a_command_prints_nothing_and_knows_no_format(self):
        self.assertEqual(count("agentctl/commands/why.cpp", '    print_out("x");\n'), 1)
        self.assertEqual(count("agentctl/commands/why.cpp", "    if (format == Format::json) return 0;\n"), 1)
        self.assertEqual(count("agentctl/output/printer.cpp", '    print_out("x");\n'), 0)

    def test_habits_are_found_outside_comments(self):
        self.assertEqual(count("src/net/dial.cpp", "co_spawn(e, work(), asio::detached);\n"), 1)
        self.assertEqual(count("src/net/dial.cpp", "co_spawn(e, work(), detached);\n"), 1)
        self.assertEqual(count("src/net/dial.cpp", "co_await run([this] { });\n"), 1)
        self.assertEqual(count("src/net/dial.cpp", "// never asio::detached\n"), 0)


if __name__ == "__main__":
    unittest.main()
