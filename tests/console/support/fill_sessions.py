"""fill_sessions.py STATE-FILE COUNT: sessions for a dev server that is not running, a quarter of a second apart, the newest a minute
old, each tenth of them ended; a third leads to the target with host sources. For many.test.mjs and tests/bench/first_view."""
import base64
import os
import sqlite3
import sys
import time

file, count = sys.argv[1], int(sys.argv[2])
second = 1_000_000_000
now = time.time_ns() // 1000 * 1000
bytes_of = lambda size: base64.b64encode(os.urandom(size)).decode()
certificate, key = bytes_of(500), bytes_of(64)
database = sqlite3.connect(file)
for i in range(count):
    session, ended = f"s_{i:010}", i % 10 == 9
    made = now - 60 * second - (count - i) * second // 4
    database.execute(
        "INSERT INTO resource (id, kind, type, scope_id, owner_id, created, updated, terminated) VALUES (?, 'session', 'tcp', 'p_1234567890', 'u_1234567890', ?, ?, ?)",
        (session, made, made, ended))
    database.execute(
        "INSERT INTO session (id, status, target_id, user_id, auth_token_id, host_set_id, host_id, endpoint, expiration, connection_limit, certificate, private_key, termination_reason)"
        " VALUES (?, ?, ?, 'u_1234567890', '', '', '', ?, ?, -1, ?, ?, ?)",
        (session, "terminated" if ended else "pending", "ttcp_1234567890" if i % 3 else "ttcp_0987654321", f"tcp://10.0.{i // 256}.{i % 256}:22",
         now + 28_800 * second, certificate, key, "canceled" if ended else ""))
    database.execute("INSERT INTO session_state (session_id, number, status, started) VALUES (?, 1, 'pending', ?)", (session, made))
    if ended:
        database.execute("UPDATE session_state SET ended = ? WHERE session_id = ?", (made, session))
        database.execute("INSERT INTO session_state (session_id, number, status, started) VALUES (?, 2, 'terminated', ?)", (session, made))
database.commit()
